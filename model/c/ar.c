/* Autoregressive mathematics: the predictor of a frame, and samples rebuilt by it. */
#include "core.h"

/* Autocorrelation [order + 1] of a frame [n] under its window, or as it is where that is NULL.
 *
 * Returns the surface noise, a share of the frame's power: its density as read off the quietest
 * tenth of the bins ``low`` to ``high``, spread over all bins; 0 where these are none. ``plan`` is
 * for n + order samples or more, N; scratch [4 N + 2].
 */
EXPORT double ar_moments(const double *plan, const double *frame, const double *window, int64_t n,
                         int64_t order, int64_t low, int64_t high, double *correlation,
                         double *scratch)
{
    int64_t whole = (int64_t)plan[0], bins = whole / 2 + 1;
    double *padded = scratch, *room = scratch + whole;
    bin *spectrum = (bin *)(room + 2 * whole);
    for (int64_t k = 0; k < n; k++)
        padded[k] = window ? frame[k] * window[k] : frame[k];
    memset(padded + n, 0, (size_t)(whole - n) * sizeof *padded);
    fft_forward(plan, padded, spectrum, room);
    for (int64_t k = 0; k < bins; k++)
        spectrum[k] = (bin){spectrum[k].re * spectrum[k].re + spectrum[k].im * spectrum[k].im, 0.0};
    fft_inverse(plan, spectrum, padded, room);
    memcpy(correlation, padded, (size_t)(order + 1) * sizeof *padded);
    if (high <= low)
        return 0.0;
    for (int64_t k = low; k < high; k++)
        room[k - low] = spectrum[k].re;
    return nth_of(room, high - low, (high - low) / 10) / (correlation[0] + SILENCE);
}

/* Predictor [order + 1] of a correlation, and its own correlation ``gram``, the first row of A'A.
 *
 * ``floor`` is a share of the power that is added as white noise. Silence, and what can be
 * foreseen exactly, get the predictor that predicts nothing. Levinson-Durbin (Makhoul 1975).
 */
EXPORT void ar_predictor(const double *correlation, int64_t order, double floor,
                         double *coefficients, double *gram)
{
    double backward[MOST_ORDER + 1], before[MOST_ORDER + 1], *a = coefficients;
    memset(a, 0, (size_t)(order + 1) * sizeof *a);
    a[0] = 1.0;
    int is_solved = 0;
    if (correlation[0] > SILENCE) {
        double error = correlation[0] * (1.0 + floor);
        for (int64_t k = 0; k <= order; k++)
            backward[k] = correlation[order - k];
        is_solved = 1;
        for (int64_t i = 1; i <= order; i++) {
            /* a[0] is 1 and a[i] is 0 yet. */
            double reflection = -dot(a, backward + order - i, i) / error;
            memcpy(before, a, (size_t)i * sizeof *a);
            for (int64_t k = 1; k < i; k++)
                a[k] += reflection * before[i - k];
            a[i] = reflection;
            error *= 1.0 - reflection * reflection;
            if (!(error > 0.0) || !isfinite(error)) {
                is_solved = 0;
                break;
            }
        }
    }
    if (!is_solved)
        memset(a + 1, 0, (size_t)order * sizeof *a);
    for (int64_t k = 0; k <= order; k++)
        gram[k] = dot(a, a + k, order + 1 - k);
}

/* Energy of the prediction error in a frame of this correlation. */
EXPORT double ar_missed(const double *correlation, const double *gram, int64_t order)
{
    double error = 2.0 * dot(correlation, gram, order + 1) - correlation[0] * gram[0];
    return larger(error, 0.0); /* what is foreseen to the last bit may come out below */
}

/* A predictor of order + 1 coefficients in the spectrum of n samples: energy and magnitude
 * [n / 2 + 1]; scratch [4 n + 2]. */
EXPORT void ar_spectra(const double *plan, const double *coefficients, int64_t order,
                       double *energy, double *magnitude, double *scratch)
{
    int64_t n = (int64_t)plan[0];
    bin *spectrum = (bin *)(scratch + 3 * n);
    memset(scratch, 0, (size_t)n * sizeof *scratch);
    memcpy(scratch, coefficients, (size_t)(order + 1) * sizeof *scratch);
    fft_forward(plan, scratch, spectrum, scratch + n);
    for (int64_t k = 0; k <= n / 2; k++) {
        energy[k] = spectrum[k].re * spectrum[k].re + spectrum[k].im * spectrum[k].im;
        magnitude[k] = sqrt(energy[k]);
    }
}

static double floor_of(const fit_t *fit, double noise, double share)
{
    return smaller(larger(share * noise, fit->least_floor), fit->most_floor);
}

/* Fit the channel's predictor to its memory, the newest samples as restored so far. */
EXPORT void desk_fit(desk_t *d)
{
    const fit_t *fit = d->fit;
    double correlation[MOST_ORDER + 1];
    double noise = ar_moments(fit->plan, d->memory, fit->window, fit->n, d->order, d->low, d->high,
                              correlation, d->scratch);
    ar_predictor(correlation, d->order, floor_of(fit, noise, fit->floor_share), d->coefficients,
                 d->gram);
    ar_spectra(d->plan, d->coefficients, d->order, d->energy, d->magnitude, d->scratch);
}

/* Where the transfer ends early, rebuild once more by a predictor that knows its end.
 *
 * A suspect is judged by a predictor that takes an empty band for a quiet one. What is rebuilt by
 * it would sound on into that band, where the least trace stands out of nothing. Nothing is done
 * where the finer one would miss hardly less: no band is empty. */
EXPORT void desk_refine(desk_t *d)
{
    const fit_t *fit = d->fit;
    double correlation[MOST_ORDER + 1], fine[MOST_ORDER + 1], gram[MOST_ORDER + 1];
    double noise = ar_moments(fit->plan, d->memory, fit->window, fit->n, d->order, d->low, d->high,
                              correlation, d->scratch);
    ar_predictor(correlation, d->order, floor_of(fit, noise, fit->least_share), fine, gram);
    double missed = ar_missed(correlation, gram, d->order);
    double was = ar_missed(correlation, d->gram, d->order);
    if (fit->worthwhile * missed < was)
        /* Its ridge weighs the damage against what is missed. */
        solve_open(d, gram, missed / was, 1);
}

/* The field A'A x of a signal at one sample. */
double field_at(const double *signal, const double *gram, int64_t order, int64_t at)
{
    const double *x = signal + at;
    double s0 = gram[0] * x[0], s1 = 0.0;
    int64_t k = 1;
    for (; k + 2 <= order; k += 2) {
        s0 += gram[k] * (x[k] + x[-k]);
        s1 += gram[k + 1] * (x[k + 1] + x[-k - 1]);
    }
    for (; k <= order; k++)
        s0 += gram[k] * (x[k] + x[-k]);
    return s0 + s1;
}

/* The normal equations (A'A)[index, index] of n unknown samples, whose places ascend.
 *
 * Column after column, each from its diagonal down: ``reach`` [n] says how far, to the last unknown
 * sample within the predictor's order. Behind it are zeros, and room for those of three columns
 * more. Returns how long a column is with these; ``bands`` has room for n (order + 4). */
EXPORT int64_t gap_bands(const double *gram, int64_t order, const int64_t *index, int64_t n,
                         double *bands, int64_t *reach)
{
    int64_t stride = 0, ahead = 0;
    for (int64_t k = 0; k < n; k++) {
        while (ahead < n && index[ahead] <= index[k] + order)
            ahead++;
        reach[k] = ahead - k;
        stride = later(stride, reach[k] + 3);
    }
    for (int64_t k = 0; k < n; k++) {
        double *column = bands + k * stride;
        for (int64_t j = 0; j < reach[k]; j++)
            column[j] = gram[index[k + j] - index[k]];
        memset(column + reach[k], 0, (size_t)(stride - reach[k]) * sizeof *column);
        column[0] += 1e-10 * gram[0];
    }
    return stride;
}

/* Takes what ``gap_bands`` gave apart, in place, for ``gap_substitute``.
 *
 * Cholesky, four columns at a time, each as far as the last of the four reaches. Returns 0 where
 * it is numerically singular. */
int64_t gap_factor(double *bands, int64_t n, int64_t stride, const int64_t *reach)
{
    for (int64_t first = 0; first < n; first += 4) {
        int64_t next = sooner(first + 4, n), limit = next - 1 + reach[next - 1];
        /* The four among themselves. */
        for (int64_t k = first; k < next; k++) {
            double *column = bands + k * stride;
            if (!(column[0] > 0.0) || !isfinite(column[0]))
                return 0;
            double root = sqrt(column[0]), inverse = 1.0 / root;
            column[0] = root;
            for (int64_t j = 1; j < limit - k; j++)
                column[j] *= inverse;
            for (int64_t j = k + 1; j < next; j++) {
                double *other = bands + j * stride, share = column[j - k];
                for (int64_t i = 0; i < limit - j; i++)
                    other[i] -= share * column[i + j - k];
            }
        }
        /* What they take from each later column, all four at once. */
        for (int64_t j = next; j < limit; j++) {
            const double *c0 = bands + first * stride + j - first, *c1 = c0 + stride - 1;
            const double *c2 = c1 + stride - 1, *c3 = c2 + stride - 1;
            double s0 = c0[0], s1 = c1[0], s2 = c2[0], s3 = c3[0], *column = bands + j * stride;
            for (int64_t i = 0; i < limit - j; i++)
                column[i] -= (s0 * c0[i] + s1 * c1[i]) + (s2 * c2[i] + s3 * c3[i]);
        }
    }
    return 1;
}

/* Solves with what ``gap_factor`` left; x [n] is the right side, then the solution. */
void gap_substitute(const double *bands, int64_t n, int64_t stride, const int64_t *reach, double *x)
{
    for (int64_t k = 0; k < n; k++) {
        const double *column = bands + k * stride;
        x[k] /= column[0];
        for (int64_t j = 1; j < reach[k]; j++)
            x[k + j] -= column[j] * x[k];
    }
    for (int64_t k = n - 1; k >= 0; k--) {
        const double *column = bands + k * stride;
        x[k] = (x[k] - dot(column + 1, x + k + 1, reach[k] - 1)) / column[0];
    }
}

/* Solves with what ``gap_bands`` gave, which is lost; x [n] is the right side, then the solution.
 * Returns 0, with zeros in x, where it is numerically singular. */
EXPORT int64_t gap_solve(double *bands, int64_t n, int64_t stride, const int64_t *reach, double *x)
{
    int64_t is_regular = gap_factor(bands, n, stride, reach);
    if (is_regular)
        gap_substitute(bands, n, stride, reach, x);
    else
        memset(x, 0, (size_t)n * sizeof *x);
    return is_regular;
}
