/* The slow body of a pop: a long, low pulse behind its crack. */
#include "core.h"

#define PI 3.14159265358979323846
#define ORDER 48
#define FADE 16 /* samples */
#define FEWEST 4  /* low-rate samples of a pulse */
#define MOST 176  /* 20 ms of them, at whatever rate; desk.py has room for so many */

/* Power of a stretch below about half the low sample rate. */
static double bass_of(const double *stretch, int64_t length, int64_t factor)
{
    int64_t n = length / factor;
    double power = 0.0;
    for (int64_t k = 0; k < n; k++) {
        double sum = 0.0;
        for (int64_t j = 0; j < factor; j++)
            sum += stretch[k * factor + j];
        power += sum * sum;
    }
    return n ? power / (double)(factor * factor) / (double)n : 0.0;
}

static double loudest(const double *signal, int64_t from, int64_t to)
{
    double top = 0.0;
    for (int64_t k = from; k < to; k++)
        top = larger(fabs(signal[k]), top);
    return top;
}

/* Whether the bass is louder behind the crack than before, and afterwards as before again.
 *
 * The cheap part of the test. A pulse that is worth taking out adds its power to the music's;
 * crackle has none, and a struck note, which decays as well, is still there when a pulse is over.
 * The crack itself stands out of what lies before it and of what follows. */
EXPORT int64_t pulse_is_likely(const double *memory, int64_t n, int64_t factor, int64_t onset,
                               int64_t length, double crack, const pulse_t *rules)
{
    int64_t end = sooner(onset + length, n), before_it = later(0, onset - length);
    if (crack < rules->of_body * loudest(memory, onset, end) ||
        crack < rules->crack * loudest(memory, before_it, onset))
        return 0;
    int64_t over = end, over_end = sooner(end + length, n);
    if (over_end - over < rules->fewest_over * factor) {
        over = end - length / 4;
        over_end = end;
    }
    int64_t from = later(0, onset - 2 * length);
    double before = bass_of(memory + from, onset - from, factor);
    return bass_of(memory + onset, end - onset, factor) > rules->swell * before &&
           bass_of(memory + over, over_end - over, factor) < rules->over * before;
}

/* Band-limit a memory by truncating its spectrum; the line from end to end is taken out and put
 * back. ``high`` is the plan of all samples, ``few`` that of the low rate. Scratch [4 n + 2]. */
EXPORT void pulse_decimate(const double *high, const double *few, const double *memory, double *low,
                           double *scratch)
{
    int64_t n = (int64_t)high[0], m = (int64_t)few[0], factor = n / m;
    double *room = scratch, *signal = room + 2 * n;
    bin *spectrum = (bin *)(signal + n);
    double step = (memory[n - 1] - memory[0]) / (double)(n - 1);
    for (int64_t k = 0; k < n; k++)
        signal[k] = memory[k] - (memory[0] + step * (double)k);
    fft_forward(high, signal, spectrum, room);
    fft_inverse(few, spectrum, low, room);
    for (int64_t k = 0; k < m; k++)
        low[k] = low[k] / (double)factor + (memory[0] + step * (double)(k * factor));
}

/* Undo ``pulse_decimate`` for a signal that is zero at both ends. Scratch [4 n + 2]. */
EXPORT void pulse_interpolate(const double *high, const double *few, const double *low,
                              double *signal, double *scratch)
{
    int64_t n = (int64_t)high[0], m = (int64_t)few[0];
    double *room = scratch;
    bin *spectrum = (bin *)(room + 2 * n);
    memset(spectrum, 0, (size_t)(n / 2 + 1) * sizeof *spectrum);
    fft_forward(few, low, spectrum, room);
    fft_inverse(high, spectrum, signal, room);
    for (int64_t k = 0; k < n; k++)
        signal[k] *= (double)(n / m);
}

/* Solve (normal + ridge) x = -target, all [n] and [n][n]; ``factored`` [n][n] is room. */
static void solve_dense(const double *normal, double ridge, const double *target, int64_t n,
                        double *factored, double *x)
{
    for (int64_t i = 0; i < n; i++) {
        double *row = factored + i * n;
        for (int64_t j = 0; j <= i; j++) {
            double left = normal[i * n + j] + (i == j ? ridge : 0.0);
            left -= dot(row, factored + j * n, j);
            row[j] = i == j ? sqrt(larger(left, 1e-300)) : left / factored[j * n + j];
        }
        x[i] = (-target[i] - dot(row, x, i)) / row[i];
    }
    for (int64_t i = n - 1; i >= 0; i--) {
        x[i] /= factored[i * n + i];
        for (int64_t j = 0; j < i; j++)
            x[j] -= factored[i * n + j] * x[i];
    }
}

/* Minus the pulse of n samples from ``first`` on at the low rate, in ``change``, if it is one.
 *
 * ``innovation`` is the power of the bass's prediction error, ``a`` its predictor [order + 1],
 * which comes from the past alone. Least-squares interpolation with the pulse as a Gaussian of its
 * own power. Returns whether it is a pulse. Scratch [2 n n + n (last - first) + n + last - first].
 */
EXPORT int64_t pulse_of(const double *low, const double *a, int64_t order, double innovation,
                        int64_t first, int64_t last, int64_t n, const pulse_t *rules,
                        double *change, double *scratch)
{
    int64_t rows = last - first;
    double *normal = scratch, *factored = normal + n * n, *columns = factored + n * n;
    double *target = columns + n * rows, *error = target + n;
    for (int64_t k = 0; k < rows; k++) {
        error[k] = 0.0;
        for (int64_t j = 0; j <= sooner(order, first + k); j++)
            error[k] += a[j] * low[first + k - j];
    }
    double energy = dot(error, error, rows);
    double least = rules->sigma * rules->sigma * (double)n * innovation;
    if (energy < least) /* no pulse explains more than all */
        return 0;
    /* Column j is the predictor, begun at the pulse's sample j. */
    memset(columns, 0, (size_t)(n * rows) * sizeof *columns);
    for (int64_t j = 0; j < n; j++)
        memcpy(columns + j * rows + j, a, (size_t)sooner(order + 1, rows - j) * sizeof *a);
    for (int64_t i = 0; i < n; i++) {
        int64_t reach = sooner(rows, i + order + 1);
        target[i] = dot(columns + i * rows + i, error + i, reach - i);
        for (int64_t j = 0; j <= i; j++)
            normal[i * n + j] = dot(columns + i * rows + i, columns + j * rows + i, reach - i);
    }
    solve_dense(normal, 1e-6 * normal[0], target, n, factored, change);
    double power = dot(change, change, n) / (double)n + 1e-14;
    solve_dense(normal, rules->ridge * innovation / power, target, n, factored, change);
    double left = 0.0, early = dot(change, change, n / 2);
    for (int64_t j = 0; j < n; j++)
        for (int64_t k = j; k < sooner(rows, j + order + 1); k++)
            error[k] += columns[j * rows + k] * change[j];
    left = dot(error, error, rows);
    int64_t from = later(0, first - 1 - 2 * n);
    double bass = dot(low + from, low + from, first - 1 - from) / (double)(first - 1 - from);
    return energy - left >= least && power >= rules->level * rules->level * bass &&
           early / (dot(change, change, n) + 1e-14) >= rules->early;
}

/* The predictor [ORDER + 1] of a low band's past [n], and the power of its prediction error. */
static double bass_predictor(const double *past, int64_t n, double floor, double *a,
                             double *windowed)
{
    double correlation[ORDER + 1], gram[ORDER + 1], reversed[ORDER + 1], power = 0.0;
    for (int64_t k = 0; k < n; k++)
        windowed[k] = past[k] * (0.5 - 0.5 * cos(2.0 * PI * (double)k / (double)(n - 1)));
    for (int64_t k = 0; k <= ORDER; k++)
        correlation[k] = dot(windowed, windowed + k, n - k);
    ar_predictor(correlation, ORDER, floor, a, gram);
    for (int64_t k = 0; k <= ORDER; k++)
        reversed[k] = a[ORDER - k];
    for (int64_t k = 0; k < n - ORDER; k++) {
        double error = dot(reversed, past + k, ORDER + 1);
        power += error * error;
    }
    return power / (double)(n - ORDER) + 1e-14;
}

/* Estimate the slow pulse that begins with a crack of that height at ``onset`` of the memory and
 * may reach as far as ``length`` samples. Returns how many samples the pulse has, which is to be
 * subtracted from ``begins`` on, 0 if there is none. ``low`` is the memory's low band, NULL as long
 * as it is not known.
 *
 * Least-squares AR interpolation with the pulse as a Gaussian of its own power, in the band below
 * half of the low rate; the predictor comes from the past alone. */
int64_t pulse_behind(desk_t *d, const stream_t *s, int64_t onset, int64_t length, double crack,
                     double **low, int64_t *begins, double *pulse)
{
    int64_t n = s->memory, m = n / s->factor;
    if (!pulse_is_likely(d->memory, n, s->factor, onset, length, crack, s->pulse))
        return 0;
    double *band = d->bands, *sparse = band + m, *whole = sparse + m, *change = whole + n;
    double *room = change + m, a[ORDER + 1];
    if (!*low) {
        pulse_decimate(s->plan_high, s->plan_low, d->memory, band, room);
        *low = band;
    }
    int64_t first = onset / s->factor, last = m - s->margin;
    int64_t few = sooner((onset + length) / s->factor + 1, last) - first;
    if (few < FEWEST || few > MOST || first - 1 < 4 * ORDER)
        return 0;
    double innovation = bass_predictor(band, first - 1, d->fit->least_floor, a, room);
    if (!pulse_of(band, a, ORDER, innovation, first, last, few, s->pulse, change, room))
        return 0;
    memset(sparse, 0, (size_t)m * sizeof *sparse);
    for (int64_t k = 0; k < few; k++)
        sparse[first + k] = -change[k];
    pulse_interpolate(s->plan_high, s->plan_low, sparse, whole, room);
    int64_t start = later(0, onset - FADE), count = sooner(onset + length + FADE, n) - start;
    for (int64_t k = 0; k < count; k++) {
        double rise = smaller(1.0, (double)(k + 1) / FADE);
        double fall = smaller(1.0, (double)(count - k) / FADE);
        pulse[k] = whole[start + k] * rise * fall;
    }
    *begins = start;
    return count;
}
