/* Fourier transforms of real signals, of any even length whose factors are small.
 *
 * Stockham's autosorting passes over half as many complex samples, then the real signal's spectrum
 * from theirs. Real and imaginary parts lie apart, so that neighbours are worked out side by side.
 * A plan is a row of numbers that the caller keeps: [n, passes, their radices, of each pass its
 * roots, if its radix is odd, and its twiddles; twiddles that join the halves]. Of m twiddles there
 * are all real parts first, then the imaginary ones.
 */
#include "core.h"

#define TAU 6.283185307179586476925286766559
#define MOST_PASSES 30
#define HEAD 32
#define LARGEST_RADIX 61

static int64_t factors_of(int64_t n, int64_t *radices)
{
    static const int64_t tried[] = {4, 2, 3, 5};
    int64_t found = 0;
    for (size_t k = 0; k < sizeof tried / sizeof *tried; k++)
        for (; n % tried[k] == 0; n /= tried[k])
            radices[found++] = tried[k];
    for (int64_t odd = 7; n > 1; odd += 2)
        for (; n % odd == 0; n /= odd) {
            if (odd > LARGEST_RADIX)
                return -1;
            radices[found++] = odd;
        }
    return found;
}

/* Numbers that a plan takes, 0 for a length that cannot be transformed. */
EXPORT int64_t fft_plan_size(int64_t n)
{
    int64_t radices[64];
    if (n < 2 || n % 2 || factors_of(n / 2, radices) < 0)
        return 0;
    /* The passes have n / 2 - 1 twiddles together, the halves n / 4 + 1, of two numbers each; and
     * the roots of all radices are fewer than n / 2 and some. */
    return HEAD + 3 * n + 2 * MOST_PASSES;
}

EXPORT void fft_plan(int64_t n, double *plan)
{
    int64_t radices[64], half = n / 2, passes = factors_of(half, radices);
    plan[0] = (double)n;
    plan[1] = (double)passes;
    double *twiddle = plan + HEAD;
    int64_t left = half;
    for (int64_t k = 0; k < passes; k++) {
        int64_t r = radices[k], m = left / r;
        plan[2 + k] = (double)r;
        for (int64_t j = 0; r > 4 && j < r; j++) {
            *twiddle++ = cos(TAU * (double)j / (double)r);
            *twiddle++ = sin(TAU * (double)j / (double)r);
        }
        for (int64_t j = 1; j < r; j++, twiddle += 2 * m)
            for (int64_t p = 0; p < m; p++) {
                double angle = -TAU * (double)(p * j) / (double)left;
                twiddle[p] = cos(angle);
                twiddle[m + p] = sin(angle);
            }
        left = m;
    }
    for (int64_t k = 0; k <= half / 2; k++) {
        double angle = -TAU * (double)k / (double)n;
        twiddle[k] = cos(angle);
        twiddle[half / 2 + 1 + k] = sin(angle);
    }
}

/* Numbers of a pass. */
static int64_t twiddles_of(int64_t r, int64_t m) { return 2 * (m * (r - 1) + (r > 4 ? r : 0)); }

static inline bin times(bin a, bin w)
{
    return (bin){a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re};
}

static inline bin plus(bin a, bin b) { return (bin){a.re + b.re, a.im + b.im}; }
static inline bin minus(bin a, bin b) { return (bin){a.re - b.re, a.im - b.im}; }

/* Complex numbers, real and imaginary parts apart. */
typedef struct {
    double *re, *im;
} row_of_bins;

#define WIDE 4
typedef double four __attribute__((vector_size(8 * WIDE), aligned(8), may_alias));
typedef struct {
    four re, im;
} fours; /* four of them side by side */

/* Some of the eight numbers of two. */
#if defined(__clang__) || __GNUC__ >= 12
#define CHOSEN(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int64_t places __attribute__((vector_size(8 * WIDE)));
#define CHOSEN(a, b, ...) __builtin_shuffle(a, b, (places){__VA_ARGS__})
#endif

static inline fours load(row_of_bins x, int64_t at)
{
    return (fours){*(const four *)(x.re + at), *(const four *)(x.im + at)};
}

static inline void store(row_of_bins y, int64_t at, fours a)
{
    *(four *)(y.re + at) = a.re;
    *(four *)(y.im + at) = a.im;
}

static inline fours add(fours a, fours b) { return (fours){a.re + b.re, a.im + b.im}; }
static inline fours sub(fours a, fours b) { return (fours){a.re - b.re, a.im - b.im}; }
static inline fours mul(fours a, double re, double im)
{
    return (fours){a.re * re - a.im * im, a.re * im + a.im * re};
}

static inline fours mul_each(fours a, fours w)
{
    return (fours){a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re};
}

static inline bin one_of(row_of_bins x, int64_t at) { return (bin){x.re[at], x.im[at]}; }
static inline void set_one(row_of_bins y, int64_t at, bin a)
{
    y.re[at] = a.re;
    y.im[at] = a.im;
}

/* Each pass takes x [r][m][s] to y [m][r][s]. What is four times something goes by fours, the rest
 * one by one, in the same sums. */
static void pass_2(int64_t m, int64_t s, const double *restrict w, row_of_bins x,
                   row_of_bins y)
{
    for (int64_t p = 0; p < m; p++) {
        int64_t q = 0;
        for (; q + WIDE <= s; q += WIDE) {
            fours a = load(x, q + s * p), b = load(x, q + s * (p + m));
            store(y, q + s * 2 * p, add(a, b));
            store(y, q + s * (2 * p + 1), mul(sub(a, b), w[p], w[m + p]));
        }
        for (; q < s; q++) {
            bin a = one_of(x, q + s * p), b = one_of(x, q + s * (p + m));
            set_one(y, q + s * 2 * p, plus(a, b));
            set_one(y, q + s * (2 * p + 1), times(minus(a, b), (bin){w[p], w[m + p]}));
        }
    }
}

static void pass_3(int64_t m, int64_t s, const double *restrict w, row_of_bins x,
                   row_of_bins y)
{
    const double sine = 0.86602540378443864676;
    for (int64_t p = 0; p < m; p++) {
        bin w1 = {w[p], w[m + p]}, w2 = {w[2 * m + p], w[3 * m + p]};
        int64_t q = 0;
        for (; q + WIDE <= s; q += WIDE) {
            fours a = load(x, q + s * p), b = load(x, q + s * (p + m));
            fours c = load(x, q + s * (p + 2 * m)), sum = add(b, c), gap = sub(b, c);
            fours mid = {a.re - 0.5 * sum.re, a.im - 0.5 * sum.im};
            fours turn = {sine * gap.im, -sine * gap.re};
            store(y, q + s * 3 * p, add(a, sum));
            store(y, q + s * (3 * p + 1), mul(add(mid, turn), w1.re, w1.im));
            store(y, q + s * (3 * p + 2), mul(sub(mid, turn), w2.re, w2.im));
        }
        for (; q < s; q++) {
            bin a = one_of(x, q + s * p), b = one_of(x, q + s * (p + m));
            bin c = one_of(x, q + s * (p + 2 * m)), sum = plus(b, c), gap = minus(b, c);
            bin mid = {a.re - 0.5 * sum.re, a.im - 0.5 * sum.im};
            bin turn = {sine * gap.im, -sine * gap.re};
            set_one(y, q + s * 3 * p, plus(a, sum));
            set_one(y, q + s * (3 * p + 1), times(plus(mid, turn), w1));
            set_one(y, q + s * (3 * p + 2), times(minus(mid, turn), w2));
        }
    }
}

static void pass_4(int64_t m, int64_t s, const double *restrict w, row_of_bins x,
                   row_of_bins y)
{
    for (int64_t p = 0; p < m; p++) {
        bin w1 = {w[p], w[m + p]}, w2 = {w[2 * m + p], w[3 * m + p]};
        bin w3 = {w[4 * m + p], w[5 * m + p]};
        int64_t q = 0;
        for (; q + WIDE <= s; q += WIDE) {
            fours a = load(x, q + s * p), b = load(x, q + s * (p + m));
            fours c = load(x, q + s * (p + 2 * m)), d = load(x, q + s * (p + 3 * m));
            fours ac = add(a, c), a_c = sub(a, c), bd = add(b, d), b_d = sub(b, d);
            fours turn = {b_d.im, -b_d.re};
            store(y, q + s * 4 * p, add(ac, bd));
            store(y, q + s * (4 * p + 1), mul(add(a_c, turn), w1.re, w1.im));
            store(y, q + s * (4 * p + 2), mul(sub(ac, bd), w2.re, w2.im));
            store(y, q + s * (4 * p + 3), mul(sub(a_c, turn), w3.re, w3.im));
        }
        for (; q < s; q++) {
            bin a = one_of(x, q + s * p), b = one_of(x, q + s * (p + m));
            bin c = one_of(x, q + s * (p + 2 * m)), d = one_of(x, q + s * (p + 3 * m));
            bin ac = plus(a, c), a_c = minus(a, c), bd = plus(b, d), b_d = minus(b, d);
            bin turn = {b_d.im, -b_d.re};
            set_one(y, q + s * 4 * p, plus(ac, bd));
            set_one(y, q + s * (4 * p + 1), times(plus(a_c, turn), w1));
            set_one(y, q + s * (4 * p + 2), times(minus(ac, bd), w2));
            set_one(y, q + s * (4 * p + 3), times(minus(a_c, turn), w3));
        }
    }
}

/* The first pass by four: neighbours are places p here, whose four results lie side by side. */
static void first_pass_4(int64_t m, const double *restrict w, row_of_bins x,
                         row_of_bins y)
{
    int64_t p = 0;
    for (; p + WIDE <= m; p += WIDE) {
        fours a = load(x, p), b = load(x, p + m), c = load(x, p + 2 * m), d = load(x, p + 3 * m);
        fours ac = add(a, c), a_c = sub(a, c), bd = add(b, d), b_d = sub(b, d);
        fours turn = {b_d.im, -b_d.re}, r0 = add(ac, bd), r1 = add(a_c, turn);
        fours r2 = sub(ac, bd), r3 = sub(a_c, turn);
        const row_of_bins by = {(double *)w, (double *)w + m};
        r1 = mul_each(r1, load(by, p));
        r2 = mul_each(r2, load(by, p + 2 * m));
        r3 = mul_each(r3, load(by, p + 4 * m));
        for (int k = 0; k < WIDE; k++) {
            *(four *)(y.re + 4 * (p + k)) = (four){r0.re[k], r1.re[k], r2.re[k], r3.re[k]};
            *(four *)(y.im + 4 * (p + k)) = (four){r0.im[k], r1.im[k], r2.im[k], r3.im[k]};
        }
    }
    for (; p < m; p++) {
        bin a = one_of(x, p), b = one_of(x, p + m), c = one_of(x, p + 2 * m);
        bin d = one_of(x, p + 3 * m);
        bin ac = plus(a, c), a_c = minus(a, c), bd = plus(b, d), b_d = minus(b, d);
        bin turn = {b_d.im, -b_d.re};
        set_one(y, 4 * p, plus(ac, bd));
        set_one(y, 4 * p + 1, times(plus(a_c, turn), (bin){w[p], w[m + p]}));
        set_one(y, 4 * p + 2, times(minus(ac, bd), (bin){w[2 * m + p], w[3 * m + p]}));
        set_one(y, 4 * p + 3, times(minus(a_c, turn), (bin){w[4 * m + p], w[5 * m + p]}));
    }
}

/* An odd radix: what lies opposite each other is summed and subtracted first. */
static void pass_odd(int64_t r, int64_t m, int64_t s, const double *restrict w,
                     row_of_bins x, row_of_bins y)
{
    const bin *root = (const bin *)w;
    int64_t half = r / 2;
    w += 2 * r;
    for (int64_t p = 0; p < m; p++) {
        int64_t q = 0;
        for (; q + WIDE <= s; q += WIDE) {
            fours a = load(x, q + s * p), all = a;
            fours sum[LARGEST_RADIX / 2 + 1], gap[LARGEST_RADIX / 2 + 1];
            for (int64_t k = 1; k <= half; k++) {
                fours b = load(x, q + s * (p + k * m)), c = load(x, q + s * (p + (r - k) * m));
                sum[k] = add(b, c);
                gap[k] = sub(b, c);
                all = add(all, sum[k]);
            }
            store(y, q + s * r * p, all);
            for (int64_t j = 1; j <= half; j++) {
                fours even = a, odd = {{0.0}, {0.0}};
                int64_t at = 0;
                for (int64_t k = 1; k <= half; k++) {
                    at = at + j >= r ? at + j - r : at + j;
                    even.re += root[at].re * sum[k].re;
                    even.im += root[at].re * sum[k].im;
                    odd.re += root[at].im * gap[k].im;
                    odd.im -= root[at].im * gap[k].re;
                }
                const double *one = w + 2 * m * (j - 1) + p, *other = w + 2 * m * (r - j - 1) + p;
                store(y, q + s * (r * p + j), mul(add(even, odd), one[0], one[m]));
                store(y, q + s * (r * p + r - j), mul(sub(even, odd), other[0], other[m]));
            }
        }
        for (; q < s; q++) {
            bin a = one_of(x, q + s * p), all = a;
            bin sum[LARGEST_RADIX / 2 + 1], gap[LARGEST_RADIX / 2 + 1];
            for (int64_t k = 1; k <= half; k++) {
                bin b = one_of(x, q + s * (p + k * m)), c = one_of(x, q + s * (p + (r - k) * m));
                sum[k] = plus(b, c);
                gap[k] = minus(b, c);
                all = plus(all, sum[k]);
            }
            set_one(y, q + s * r * p, all);
            for (int64_t j = 1; j <= half; j++) {
                bin even = a, odd = {0.0, 0.0};
                int64_t at = 0;
                for (int64_t k = 1; k <= half; k++) {
                    at = at + j >= r ? at + j - r : at + j;
                    even.re += root[at].re * sum[k].re;
                    even.im += root[at].re * sum[k].im;
                    odd.re += root[at].im * gap[k].im;
                    odd.im -= root[at].im * gap[k].re;
                }
                const double *one = w + 2 * m * (j - 1) + p, *other = w + 2 * m * (r - j - 1) + p;
                set_one(y, q + s * (r * p + j), times(plus(even, odd), (bin){one[0], one[m]}));
                set_one(y, q + s * (r * p + r - j),
                        times(minus(even, odd), (bin){other[0], other[m]}));
            }
        }
    }
}

/* The twiddles that join the halves. */
static row_of_bins joining_of(const double *twiddle, int64_t half)
{
    return (row_of_bins){(double *)twiddle, (double *)twiddle + half / 2 + 1};
}

/* Transforms ``here`` forward; the result lies in whichever of the two is returned. */
static row_of_bins transform(const double *plan, row_of_bins here, row_of_bins there,
                             row_of_bins *joining)
{
    int64_t left = (int64_t)plan[0] / 2, passes = (int64_t)plan[1], s = 1;
    const double *twiddle = plan + HEAD;
    for (int64_t k = 0; k < passes; k++) {
        int64_t r = (int64_t)plan[2 + k], m = left / r;
        if (r == 4 && s == 1)
            first_pass_4(m, twiddle, here, there);
        else if (r == 4)
            pass_4(m, s, twiddle, here, there);
        else if (r == 2)
            pass_2(m, s, twiddle, here, there);
        else if (r == 3)
            pass_3(m, s, twiddle, here, there);
        else
            pass_odd(r, m, s, twiddle, here, there);
        twiddle += twiddles_of(r, m);
        left = m;
        s *= r;
        row_of_bins now = there;
        there = here;
        here = now;
    }
    *joining = joining_of(twiddle, (int64_t)plan[0] / 2);
    return here;
}

/* Neighbours of two rows in turn, ``at`` counted in pairs; and back. */
static inline void store_pairs(double *to, int64_t at, four even, four odd)
{
    *(four *)(to + 2 * at) = CHOSEN(even, odd, 0, 4, 1, 5);
    *(four *)(to + 2 * at + WIDE) = CHOSEN(even, odd, 2, 6, 3, 7);
}

static inline fours load_pairs(const double *from, int64_t at)
{
    four low = *(const four *)(from + 2 * at), high = *(const four *)(from + 2 * at + WIDE);
    return (fours){CHOSEN(low, high, 0, 2, 4, 6),
                   CHOSEN(low, high, 1, 3, 5, 7)};
}

static inline fours turned(fours a)
{
    return (fours){CHOSEN(a.re, a.re, 3, 2, 1, 0),
                   CHOSEN(a.im, a.im, 3, 2, 1, 0)};
}

/* Spectrum [n / 2 + 1] of a real signal [n]; scratch [2 n]. */
EXPORT void fft_forward(const double *plan, const double *signal, bin *spectrum, double *scratch)
{
    int64_t n = (int64_t)plan[0], half = n / 2, k = 0;
    row_of_bins here = {scratch, scratch + half}, there = {scratch + n, scratch + n + half}, w;
    double *told = (double *)spectrum;
    for (; k + WIDE <= half; k += WIDE)
        store(here, k, load_pairs(signal, k));
    for (; k < half; k++)
        set_one(here, k, (bin){signal[2 * k], signal[2 * k + 1]});
    row_of_bins z = transform(plan, here, there, &w);
    spectrum[0] = (bin){z.re[0] + z.im[0], 0.0};
    spectrum[half] = (bin){z.re[0] - z.im[0], 0.0};
    /* Bins from the front with those from the end, as long as they do not meet. */
    for (k = 1; 2 * k + 2 * (WIDE - 1) < half; k += WIDE) {
        int64_t end = half - k - (WIDE - 1);
        fours a = load(z, k), b = turned(load(z, end)), by = load(w, k);
        b.im = -b.im;
        fours sum = add(a, b), gap = mul_each(sub(a, b), by);
        fours last = {0.5 * (sum.re - gap.im), -0.5 * (sum.im + gap.re)};
        store_pairs(told, k, 0.5 * (sum.re + gap.im), 0.5 * (sum.im - gap.re));
        last = turned(last);
        store_pairs(told, end, last.re, last.im);
    }
    for (; 2 * k <= half; k++) {
        bin a = one_of(z, k), b = {z.re[half - k], -z.im[half - k]};
        bin sum = plus(a, b), gap = times(minus(a, b), one_of(w, k));
        spectrum[k] = (bin){0.5 * (sum.re + gap.im), 0.5 * (sum.im - gap.re)};
        spectrum[half - k] = (bin){0.5 * (sum.re - gap.im), -0.5 * (sum.im + gap.re)};
    }
}

/* Real signal [n] of a spectrum [n / 2 + 1], which may be lost; scratch [2 n]. */
EXPORT void fft_inverse(const double *plan, const bin *spectrum, double *signal, double *scratch)
{
    int64_t n = (int64_t)plan[0], half = n / 2, k;
    row_of_bins here = {scratch, scratch + half}, there = {scratch + n, scratch + n + half};
    const double *told = (const double *)spectrum;
    /* Forward once more, of the conjugate, because a backward pass would be the same code again. */
    int64_t passes = (int64_t)plan[1], left = half;
    const double *twiddle = plan + HEAD;
    for (k = 0; k < passes; k++) {
        int64_t r = (int64_t)plan[2 + k];
        left /= r;
        twiddle += twiddles_of(r, left);
    }
    row_of_bins w = joining_of(twiddle, half);
    double scale = 1.0 / (double)n;
    set_one(here, 0, (bin){scale * (spectrum[0].re + spectrum[half].re),
                           -scale * (spectrum[0].re - spectrum[half].re)});
    for (k = 1; 2 * k + 2 * (WIDE - 1) < half; k += WIDE) {
        int64_t end = half - k - (WIDE - 1);
        fours a = load_pairs(told, k), b = turned(load_pairs(told, end)), by = load(w, k);
        b.im = -b.im;
        by.im = -by.im;
        fours sum = add(a, b), gap = mul_each(sub(a, b), by);
        fours last = {scale * (sum.re + gap.im), -scale * (gap.re - sum.im)};
        store(here, k, (fours){scale * (sum.re - gap.im), -scale * (sum.im + gap.re)});
        store(here, end, turned(last));
    }
    for (; 2 * k <= half; k++) {
        bin a = spectrum[k], b = {spectrum[half - k].re, -spectrum[half - k].im};
        bin back = {w.re[k], -w.im[k]};
        bin sum = plus(a, b), gap = times(minus(a, b), back);
        /* sum + i gap, conjugated; and the same of the bin opposite */
        set_one(here, k, (bin){scale * (sum.re - gap.im), -scale * (sum.im + gap.re)});
        set_one(here, half - k, (bin){scale * (sum.re + gap.im), -scale * (gap.re - sum.im)});
    }
    row_of_bins z = transform(plan, here, there, &w);
    for (k = 0; k + WIDE <= half; k += WIDE) {
        fours a = load(z, k);
        store_pairs(signal, k, a.re, -a.im);
    }
    for (; k < half; k++) {
        signal[2 * k] = z.re[k];
        signal[2 * k + 1] = -z.im[k];
    }
}
