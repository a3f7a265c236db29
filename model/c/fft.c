/* Fourier transforms of real signals, of any even length whose factors are small.
 *
 * Stockham's autosorting passes over half as many complex samples, then the real signal's spectrum
 * from theirs. A plan is a row of numbers that the caller keeps: [n, passes, their radices,
 * twiddles of the passes, twiddles that join the halves].
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
    /* The passes have n / 2 - 1 twiddles together, the halves n / 4 + 1, of two numbers each. */
    return HEAD + 2 * n + 2;
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
        for (int64_t p = 0; p < m; p++)
            for (int64_t j = 1; j < r; j++) {
                double angle = -TAU * (double)(p * j) / (double)left;
                *twiddle++ = cos(angle);
                *twiddle++ = sin(angle);
            }
        left = m;
    }
    for (int64_t k = 0; k <= half / 2; k++) {
        double angle = -TAU * (double)k / (double)n;
        *twiddle++ = cos(angle);
        *twiddle++ = sin(angle);
    }
}

static inline bin times(bin a, bin w)
{
    return (bin){a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re};
}

static inline bin plus(bin a, bin b) { return (bin){a.re + b.re, a.im + b.im}; }
static inline bin minus(bin a, bin b) { return (bin){a.re - b.re, a.im - b.im}; }

static void pass_2(int64_t m, int64_t s, const bin *restrict w, const bin *restrict x,
                   bin *restrict y)
{
    for (int64_t p = 0; p < m; p++)
        for (int64_t q = 0; q < s; q++) {
            bin a = x[q + s * p], b = x[q + s * (p + m)];
            y[q + s * 2 * p] = plus(a, b);
            y[q + s * (2 * p + 1)] = times(minus(a, b), w[p]);
        }
}

static void pass_3(int64_t m, int64_t s, const bin *restrict w, const bin *restrict x,
                   bin *restrict y)
{
    const double sine = 0.86602540378443864676;
    for (int64_t p = 0; p < m; p++) {
        bin w1 = w[2 * p], w2 = w[2 * p + 1];
        for (int64_t q = 0; q < s; q++) {
            bin a = x[q + s * p], b = x[q + s * (p + m)], c = x[q + s * (p + 2 * m)];
            bin sum = plus(b, c), gap = minus(b, c);
            bin mid = {a.re - 0.5 * sum.re, a.im - 0.5 * sum.im};
            bin turn = {sine * gap.im, -sine * gap.re};
            y[q + s * 3 * p] = plus(a, sum);
            y[q + s * (3 * p + 1)] = times(plus(mid, turn), w1);
            y[q + s * (3 * p + 2)] = times(minus(mid, turn), w2);
        }
    }
}

static void pass_4(int64_t m, int64_t s, const bin *restrict w, const bin *restrict x,
                   bin *restrict y)
{
    for (int64_t p = 0; p < m; p++) {
        bin w1 = w[3 * p], w2 = w[3 * p + 1], w3 = w[3 * p + 2];
        for (int64_t q = 0; q < s; q++) {
            bin a = x[q + s * p], b = x[q + s * (p + m)];
            bin c = x[q + s * (p + 2 * m)], d = x[q + s * (p + 3 * m)];
            bin ac = plus(a, c), a_c = minus(a, c), bd = plus(b, d), b_d = minus(b, d);
            bin turn = {b_d.im, -b_d.re};
            y[q + s * 4 * p] = plus(ac, bd);
            y[q + s * (4 * p + 1)] = times(plus(a_c, turn), w1);
            y[q + s * (4 * p + 2)] = times(minus(ac, bd), w2);
            y[q + s * (4 * p + 3)] = times(minus(a_c, turn), w3);
        }
    }
}

/* An odd radix: what lies opposite each other is summed and subtracted first. */
static void pass_odd(int64_t r, int64_t m, int64_t s, const bin *restrict w, const bin *restrict x,
                     bin *restrict y)
{
    double cosine[LARGEST_RADIX], sine[LARGEST_RADIX];
    int64_t half = r / 2;
    for (int64_t k = 0; k < r; k++) {
        cosine[k] = cos(TAU * (double)k / (double)r);
        sine[k] = sin(TAU * (double)k / (double)r);
    }
    for (int64_t p = 0; p < m; p++)
        for (int64_t q = 0; q < s; q++) {
            bin a = x[q + s * p], sum[LARGEST_RADIX / 2 + 1], gap[LARGEST_RADIX / 2 + 1], all = a;
            for (int64_t k = 1; k <= half; k++) {
                bin b = x[q + s * (p + k * m)], c = x[q + s * (p + (r - k) * m)];
                sum[k] = plus(b, c);
                gap[k] = minus(b, c);
                all = plus(all, sum[k]);
            }
            y[q + s * r * p] = all;
            for (int64_t j = 1; j <= half; j++) {
                bin even = a, odd = {0.0, 0.0};
                int64_t at = 0;
                for (int64_t k = 1; k <= half; k++) {
                    at += j;
                    if (at >= r)
                        at -= r;
                    even.re += cosine[at] * sum[k].re;
                    even.im += cosine[at] * sum[k].im;
                    odd.re += sine[at] * gap[k].im;
                    odd.im -= sine[at] * gap[k].re;
                }
                y[q + s * (r * p + j)] = times(plus(even, odd), w[(r - 1) * p + j - 1]);
                y[q + s * (r * p + r - j)] = times(minus(even, odd), w[(r - 1) * p + r - j - 1]);
            }
        }
}

/* Transforms ``here`` forward; the result lies in whichever of the two is returned. */
static bin *transform(const double *plan, bin *here, bin *there, const bin **joining)
{
    int64_t left = (int64_t)plan[0] / 2, passes = (int64_t)plan[1], s = 1;
    const bin *twiddle = (const bin *)(plan + HEAD);
    for (int64_t k = 0; k < passes; k++) {
        int64_t r = (int64_t)plan[2 + k], m = left / r;
        if (r == 4)
            pass_4(m, s, twiddle, here, there);
        else if (r == 2)
            pass_2(m, s, twiddle, here, there);
        else if (r == 3)
            pass_3(m, s, twiddle, here, there);
        else
            pass_odd(r, m, s, twiddle, here, there);
        twiddle += m * (r - 1);
        left = m;
        s *= r;
        bin *now = there;
        there = here;
        here = now;
    }
    *joining = twiddle;
    return here;
}

/* Spectrum [n / 2 + 1] of a real signal [n]; scratch [2 n]. */
EXPORT void fft_forward(const double *plan, const double *signal, bin *spectrum, double *scratch)
{
    int64_t n = (int64_t)plan[0], half = n / 2;
    bin *here = (bin *)scratch;
    const bin *w;
    memcpy(here, signal, (size_t)n * sizeof *signal);
    const bin *z = transform(plan, here, here + half, &w);
    spectrum[0] = (bin){z[0].re + z[0].im, 0.0};
    spectrum[half] = (bin){z[0].re - z[0].im, 0.0};
    for (int64_t k = 1; 2 * k <= half; k++) {
        bin a = z[k], b = {z[half - k].re, -z[half - k].im};
        bin sum = plus(a, b), gap = times(minus(a, b), w[k]);
        spectrum[k] = (bin){0.5 * (sum.re + gap.im), 0.5 * (sum.im - gap.re)};
        spectrum[half - k] = (bin){0.5 * (sum.re - gap.im), -0.5 * (sum.im + gap.re)};
    }
}

/* Real signal [n] of a spectrum [n / 2 + 1], which may be lost; scratch [2 n]. */
EXPORT void fft_inverse(const double *plan, const bin *spectrum, double *signal, double *scratch)
{
    int64_t n = (int64_t)plan[0], half = n / 2;
    bin *here = (bin *)scratch;
    /* Forward once more, of the conjugate, because a backward pass would be the same code again. */
    int64_t passes = (int64_t)plan[1], left = half;
    const bin *w = (const bin *)(plan + HEAD);
    for (int64_t k = 0; k < passes; k++) {
        int64_t r = (int64_t)plan[2 + k];
        left /= r;
        w += left * (r - 1);
    }
    double scale = 1.0 / (double)n;
    here[0] = (bin){scale * (spectrum[0].re + spectrum[half].re),
                    -scale * (spectrum[0].re - spectrum[half].re)};
    for (int64_t k = 1; 2 * k <= half; k++) {
        bin a = spectrum[k], b = {spectrum[half - k].re, -spectrum[half - k].im};
        bin back = {w[k].re, -w[k].im};
        bin sum = plus(a, b), gap = times(minus(a, b), back);
        /* sum + i gap, conjugated; and the same of the bin opposite */
        here[k] = (bin){scale * (sum.re - gap.im), -scale * (sum.im + gap.re)};
        here[half - k] = (bin){scale * (sum.re + gap.im), -scale * (gap.re - sum.im)};
    }
    const bin *z = transform(plan, here, here + half, &w);
    for (int64_t k = 0; k < half; k++) {
        signal[2 * k] = z[k].re;
        signal[2 * k + 1] = -z[k].im;
    }
}
