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

/* The normal equations (A'A)[index, index] of n unknown samples, whose places ascend.
 *
 * Column after column, each from its diagonal down; returns the width of the band, how many
 * unknown samples lie within the predictor's reach at most, the sample itself included. Room for
 * n (order + 1).
 */
EXPORT int64_t gap_bands(const double *gram, int64_t order, const int64_t *index, int64_t n,
                         double *bands)
{
    int64_t width = 0, ahead = 0;
    for (int64_t k = 0; k < n; k++) {
        while (ahead < n && index[ahead] <= index[k] + order)
            ahead++;
        width = later(width, ahead - k);
    }
    for (int64_t k = 0; k < n; k++) {
        double *column = bands + k * width;
        for (int64_t j = 0; j < width; j++) {
            int64_t apart = k + j < n ? index[k + j] - index[k] : order + 1;
            column[j] = apart <= order ? gram[apart] : 0.0;
        }
        column[0] += 1e-10 * gram[0];
    }
    return width;
}

/* Solves with a band of ``gap_bands``, which is lost; x [n] is the right side, then the solution.
 *
 * Cholesky, four columns at a time. Returns 0, with zeros in x, where it is numerically singular.
 */
EXPORT int64_t gap_solve(double *bands, int64_t n, int64_t width, double *x)
{
    int64_t is_positive = 1;
    for (int64_t first = 0; first < n && is_positive; first += 4) {
        int64_t few = sooner(4, n - first), reach = sooner(first + width, n);
        /* The few columns among themselves. */
        for (int64_t k = first; k < first + few; k++) {
            double *column = bands + k * width;
            if (!(column[0] > 0.0) || !isfinite(column[0])) {
                is_positive = 0;
                break;
            }
            double root = sqrt(column[0]), inverse = 1.0 / root;
            int64_t end = sooner(width, n - k);
            column[0] = root;
            for (int64_t j = 1; j < end; j++)
                column[j] *= inverse;
            for (int64_t j = 1; k + j < first + few && j < end; j++) {
                double *other = bands + (k + j) * width, share = column[j];
                for (int64_t i = j; i < end; i++)
                    other[i - j] -= share * column[i];
            }
        }
        if (!is_positive)
            break;
        /* What they take from each later column, all four at once. */
        for (int64_t j = first + few; few == 4 && j < reach; j++) {
            const double *c0 = bands + first * width + j - first, *c1 = c0 + width - 1;
            const double *c2 = c1 + width - 1, *c3 = c2 + width - 1;
            double s0 = c0[0], s1 = c1[0], s2 = c2[0], s3 = c3[0];
            double *column = bands + j * width;
            int64_t end = reach - j;
            for (int64_t i = 0; i < end; i++)
                column[i] -= (s0 * c0[i] + s1 * c1[i]) + (s2 * c2[i] + s3 * c3[i]);
            /* The later of the four reach farther. */
            for (int64_t i = end; i < sooner(end + 1, n - j); i++)
                column[i] -= s1 * c1[i] + s2 * c2[i] + s3 * c3[i];
            for (int64_t i = end + 1; i < sooner(end + 2, n - j); i++)
                column[i] -= s2 * c2[i] + s3 * c3[i];
            for (int64_t i = end + 2; i < sooner(end + 3, n - j); i++)
                column[i] -= s3 * c3[i];
        }
        /* Columns that only the later of the four reach. */
        for (int64_t k = first + 1; few == 4 && k < first + 4; k++) {
            const double *from = bands + k * width;
            for (int64_t j = later(reach, first + 4); j < sooner(k + width, n); j++) {
                double *column = bands + j * width, share = from[j - k];
                for (int64_t i = j - k; i < sooner(width, n - k); i++)
                    column[i - (j - k)] -= share * from[i];
            }
        }
    }
    if (!is_positive) {
        memset(x, 0, (size_t)n * sizeof *x);
        return 0;
    }
    for (int64_t k = 0; k < n; k++) {
        const double *column = bands + k * width;
        x[k] /= column[0];
        int64_t end = sooner(width, n - k);
        for (int64_t j = 1; j < end; j++)
            x[k + j] -= column[j] * x[k];
    }
    for (int64_t k = n - 1; k >= 0; k--) {
        const double *column = bands + k * width;
        x[k] = (x[k] - dot(column + 1, x + k + 1, sooner(width, n - k) - 1)) / column[0];
    }
    return 1;
}
