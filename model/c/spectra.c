/* A short-time Fourier transform that streams, and what is asked of its spectra: complex floats. */
#include "core.h"

/* Spectra [frames][channels][window / 2 + 1] of sound [channels][n] behind its history
 * [channels][window - hop], one a hop, under ``shape`` [window]; ``next`` is the history of what
 * comes after. ``plan`` is for the window; scratch [5 window + n + 2]. */
EXPORT void spectra_of(const double *plan, const float *shape, const float *history,
                       const float *sound, int64_t channels, int64_t n, int64_t hop, float *spectra,
                       float *next, double *scratch)
{
    int64_t window = (int64_t)plan[0], kept = window - hop, bins = window / 2 + 1;
    double *frame = scratch, *room = frame + window;
    bin *spectrum = (bin *)(room + 2 * window);
    float *joined = (float *)(spectrum + bins);
    for (int64_t channel = 0; channel < channels; channel++) {
        memcpy(joined, history + channel * kept, (size_t)kept * sizeof *joined);
        memcpy(joined + kept, sound + channel * n, (size_t)n * sizeof *joined);
        memcpy(next + channel * kept, joined + n, (size_t)kept * sizeof *joined);
        for (int64_t at = 0; at < n; at += hop) {
            float *told = spectra + 2 * bins * (at / hop * channels + channel);
            for (int64_t k = 0; k < window; k++)
                frame[k] = (double)joined[at + k] * (double)shape[k];
            fft_forward(plan, frame, spectrum, room);
            for (int64_t k = 0; k < bins; k++) {
                told[2 * k] = (float)spectrum[k].re;
                told[2 * k + 1] = (float)spectrum[k].im;
            }
        }
    }
}

/* The samples [channels][frames hop] that spectra [frames][channels][window / 2 + 1] complete. Each
 * writes the newest ``span`` of its window, under ``shape`` [span]; ``tail`` [channels][span - hop]
 * is what earlier ones left, ``next`` what is left then. Scratch [5 window + 2]. */
EXPORT void spectra_sounded(const double *plan, const float *shape, const float *spectra,
                            const float *tail, int64_t channels, int64_t frames, int64_t span,
                            int64_t hop, float *sound, float *next, double *scratch)
{
    int64_t window = (int64_t)plan[0], kept = span - hop, bins = window / 2 + 1;
    double *frame = scratch, *room = frame + window;
    bin *spectrum = (bin *)(room + 2 * window);
    memcpy(next, tail, (size_t)(channels * kept) * sizeof *next);
    for (int64_t at = 0; at < frames; at++)
        for (int64_t channel = 0; channel < channels; channel++) {
            const float *told = spectra + 2 * bins * (at * channels + channel);
            float *left = next + channel * kept, *out = sound + (channel * frames + at) * hop;
            for (int64_t k = 0; k < bins; k++)
                spectrum[k] = (bin){(double)told[2 * k], (double)told[2 * k + 1]};
            fft_inverse(plan, spectrum, frame, room);
            const double *newest = frame + window - span;
            for (int64_t k = 0; k < hop; k++) {
                float now = (float)(newest[k] * (double)shape[k]);
                out[k] = k < kept ? now + left[k] : now;
            }
            for (int64_t k = 0; k < kept; k++) {
                float now = (float)(newest[k + hop] * (double)shape[k + hop]);
                left[k] = k + hop < kept ? now + left[k + hop] : now;
            }
        }
}

/* What is taken out of spectra [n] on the way to ``target``, times ``share``: no bin is turned down
 * to less than ``floor`` of it, but lifted along the spectrum. */
EXPORT void spectra_taken_out(const float *spectra, const float *target, int64_t n, double floor,
                              double share, float *taken)
{
    for (int64_t k = 0; k < n; k++) {
        double re = (double)spectra[2 * k], im = (double)spectra[2 * k + 1];
        double x = (double)target[2 * k], y = (double)target[2 * k + 1];
        double size = sqrt(re * re + im * im);
        double lift = larger(floor * size - sqrt(x * x + y * y), 0.0) / larger(size, 1e-20);
        taken[2 * k] = (float)(share * (re - x - lift * re));
        taken[2 * k + 1] = (float)(share * (im - y - lift * im));
    }
}

/* The level in dB of each band that begins at ``edges`` [bands], the last ends at its end, in
 * spectra [rows][bins]; full scale is 0. */
EXPORT void spectra_levels(const float *spectra, int64_t rows, int64_t bins, const int64_t *edges,
                           int64_t bands, float *levels)
{
    double scale = 4.0 / ((double)(bins - 1) * (double)(bins - 1));
    for (int64_t row = 0; row < rows; row++)
        for (int64_t band = 0; band < bands; band++) {
            int64_t end = band + 1 < bands ? edges[band + 1] : bins;
            double power = 0.0;
            for (int64_t k = edges[band]; k < later(end, edges[band] + 1); k++) {
                const float *x = spectra + 2 * (row * bins + k);
                power += (double)x[0] * (double)x[0] + (double)x[1] * (double)x[1];
            }
            levels[row * bands + band] = (float)(10.0 * log10(power * scale + 1e-15));
        }
}

/* By how many dB the mean power of each band that begins at ``edges`` [bands] is above the mean of
 * its logarithm, in a spectrum [bins]: 2.5 in hiss, more where partials stand out. */
EXPORT void spectra_peaked(const float *spectrum, int64_t bins, const int64_t *edges, int64_t bands,
                           float *peaked)
{
    for (int64_t band = 0; band < bands; band++) {
        int64_t end = later(band + 1 < bands ? edges[band + 1] : bins, edges[band] + 1);
        double power = 0.0, logs = 0.0, n = (double)(end - edges[band]);
        for (int64_t k = edges[band]; k < end; k++) {
            const float *x = spectrum + 2 * k;
            double one = (double)x[0] * (double)x[0] + (double)x[1] * (double)x[1] + 1e-20;
            power += one;
            logs += log10(one);
        }
        peaked[band] = (float)(10.0 * (log10(power / n) - logs / n));
    }
}

/* Whether what stood high was noise: in half of the bands that sound no partials stood out. */
static int64_t is_noise(const landing_t *rules, const float *level, const float *peaks,
                        int64_t bands, double frames)
{
    int64_t noise = 0, sounding = 0;
    for (int64_t k = 0; k < bands; k++)
        if (level[k] > (float)rules->sounding) {
            noise += (double)peaks[k] <= rules->peaked * frames;
            sounding++;
        }
    return 2 * noise >= sounding;
}

/* Whether what stood high swayed little: levels above their lowest, mean over the bands that sound. */
static int64_t is_steady(const landing_t *rules, const float *level, const float *lowest,
                         const float *sum, int64_t bands, double frames)
{
    double swayed = 0.0;
    int64_t sounding = 0;
    for (int64_t k = 0; k < bands; k++)
        if (level[k] > (float)rules->sounding) {
            swayed += (double)sum[k] / frames - (double)lowest[k];
            sounding++;
        }
    return swayed <= rules->sways * (double)sounding;
}

/* Say of one channel's levels [bands] whether everything known of its noise is out of date: all
 * that sounds stands far above its floor, has for long enough, and once it has risen sways little
 * and is ``peaked`` [bands] no more than noise (landing.py says what each means). Its level, floor,
 * and, since it stood high, its lowest level, the sum of its levels and of how peaked it was,
 * ``rows`` [5][bands], and ``high`` are changed in place; the first levels and floors are no
 * number. */
EXPORT int64_t needle_landed(const float *now, const float *peaked, int64_t bands,
                             const landing_t *rules, float *rows, float *high)
{
    float *level = rows, *floors = rows + bands, *lowest = floors + bands, *sum = lowest + bands;
    float *peaks = sum + bands;
    float share = (float)rules->share, rise = (float)rules->rise;
    int64_t sounding = 0, all_high = 1;
    for (int64_t k = 0; k < bands; k++) {
        int is_new = isnan(level[k]);
        level[k] = is_new ? now[k] : share * level[k] + (1.0f - share) * now[k];
        floors[k] = is_new ? now[k] : floors[k] + rise < level[k] ? floors[k] + rise : level[k];
        int sounds = level[k] > (float)rules->sounding;
        sounding += sounds;
        all_high &= !sounds || level[k] - floors[k] > (float)rules->above;
    }
    *high = all_high && sounding >= rules->fewest ? *high + (float)rules->hop : 0.0f;
    double frames = floor(((double)*high - rules->rising) / rules->hop + 0.5);
    for (int64_t k = 0; k < bands; k++) {
        lowest[k] = frames <= 1.0 || level[k] < lowest[k] ? level[k] : lowest[k];
        sum[k] = frames <= 1.0 ? level[k] : sum[k] + level[k];
        peaks[k] = frames <= 1.0 ? peaked[k] : peaks[k] + peaked[k];
    }
    if ((double)*high < rules->lasting)
        return 0;
    if (!is_steady(rules, level, lowest, sum, bands, frames) ||
        !is_noise(rules, level, peaks, bands, frames)) {
        *high = (float)rules->rising; /* it may still become so */
        return 0;
    }
    memcpy(floors, level, (size_t)bands * sizeof *floors);
    *high = 0.0f;
    return 1;
}
