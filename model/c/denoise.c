/* What lies around the denoiser's network: spectra and back, and how far they may be lowered.
 * Spectra are complex floats, real and imaginary part in turn. */
#include "core.h"

/* The frames of ``rows`` channels, ``joined [rows, length]``, one each ``hop`` samples: multiplied
 * by ``shape [window]``, their spectra ``[frames, rows, window / 2 + 1]``. ``scratch`` takes three
 * windows and two. */
EXPORT void spectra_of(const double *plan, const float *shape, const float *joined, int64_t rows,
                       int64_t length, int64_t window, int64_t hop, int64_t frames, float *spectra,
                       double *scratch)
{
    double *frame = scratch;
    bin *spectrum = (bin *)(scratch + window);
    int64_t bins = window / 2 + 1;
    for (int64_t f = 0; f < frames; f++)
        for (int64_t r = 0; r < rows; r++) {
            const float *from = joined + r * length + f * hop;
            for (int64_t k = 0; k < window; k++)
                frame[k] = from[k] * shape[k];
            fft_forward(plan, frame, spectrum, scratch + 2 * window + 2);
            float *to = spectra + (f * rows + r) * bins * 2;
            const double *numbers = &spectrum->re;
            for (int64_t k = 0; k < 2 * bins; k++)
                to[k] = (float)numbers[k];
        }
}

/* Back: the newest ``span`` samples of each frame, multiplied by ``shape [span]``, are added to
 * what earlier frames left, ``tail [rows, span - hop]``; what is complete goes to ``sound [rows,
 * frames hop]``. */
EXPORT void sound_of(const double *plan, const float *shape, const float *spectra, int64_t rows,
                     int64_t window, int64_t span, int64_t hop, int64_t frames, float *tail,
                     float *sound, double *scratch)
{
    double *frame = scratch, *numbers = scratch + window;
    int64_t bins = window / 2 + 1, later = span - hop;
    for (int64_t f = 0; f < frames; f++)
        for (int64_t r = 0; r < rows; r++) {
            const float *from = spectra + (f * rows + r) * bins * 2;
            for (int64_t k = 0; k < 2 * bins; k++)
                numbers[k] = from[k];
            fft_inverse(plan, (const bin *)numbers, frame, scratch + 2 * window + 2);
            const double *newest = frame + window - span;
            float *left = tail + r * later, *to = sound + (r * frames + f) * hop;
            for (int64_t k = 0; k < hop; k++)
                to[k] = (float)newest[k] * shape[k] + (k < later ? left[k] : 0.0f);
            for (int64_t k = 0; k < later; k++) {
                float before = k + hop < later ? left[k + hop] : 0.0f;
                left[k] = (float)newest[k + hop] * shape[k + hop] + before;
            }
        }
}

/* What is taken away: ``share`` times what separates each bin from its target, where that is not
 * lower than ``floor`` times the bin; a target further down is lifted along the bin. */
EXPORT void taken_away(const float *spectra, const float *target, float *noise, int64_t bins,
                       double floor, double share)
{
    const float least = (float)floor, part = (float)share;
    for (int64_t k = 0; k < bins; k++) {
        float re = spectra[2 * k], im = spectra[2 * k + 1];
        float wanted_re = target[2 * k], wanted_im = target[2 * k + 1];
        float size = sqrtf(re * re + im * im);
        float wanted = sqrtf(wanted_re * wanted_re + wanted_im * wanted_im);
        float missing = least * size - wanted;
        float lift = (missing > 0.0f ? missing : 0.0f) / (size > 1e-20f ? size : 1e-20f);
        noise[2 * k] = part * (re - wanted_re - lift * re);
        noise[2 * k + 1] = part * (im - wanted_im - lift * im);
    }
}

/* Levels in dB of the power between the edges ``[bands + 1]``, ``[rows, bands]``. */
EXPORT void band_levels(const float *spectra, int64_t rows, int64_t bins, const int64_t *edges,
                        int64_t bands, double scale, float *levels)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t b = 0; b < bands; b++) {
            const float *from = spectra + 2 * r * bins;
            float sums[2] = {0.0f, 0.0f};
            for (int64_t k = edges[b]; k < edges[b + 1]; k++) {
                sums[0] += from[2 * k] * from[2 * k];
                sums[1] += from[2 * k + 1] * from[2 * k + 1];
            }
            levels[r * bands + b] = 10.0f * log10f((sums[0] + sums[1]) * (float)scale + 1e-15f);
        }
}

/* One frame of ``rows`` channels: ``level`` and ``floor [rows, bands]`` and ``high_s [rows]`` move
 * on; ``landed`` is set where all bands that sound have stood ``above`` their floor for as long as
 * ``lasting``. ``share`` of a level is kept from frame to frame, a floor rises by ``rise``. */
EXPORT void landing_step(const float *now, float *level, float *floor, float *high_s, mask *landed,
                         int64_t rows, int64_t bands, int64_t fewest, const double *rules)
{
    const float share = (float)rules[0], rise = (float)rules[1], sounding = (float)rules[2],
                above = (float)rules[3], hop_s = (float)rules[4];
    for (int64_t r = 0; r < rows; r++, now += bands, level += bands, floor += bands) {
        int64_t sounds = 0, low = 0;
        for (int64_t b = 0; b < bands; b++) {
            if (isnan(level[b])) { /* nothing was known before */
                level[b] = floor[b] = now[b];
            } else {
                level[b] = share * level[b] + (1.0f - share) * now[b];
                float risen = floor[b] + rise;
                floor[b] = risen < level[b] ? risen : level[b];
            }
            sounds += level[b] > sounding;
            low += level[b] > sounding && !(level[b] - floor[b] > above);
        }
        high_s[r] = !low && sounds >= fewest ? high_s[r] + hop_s : 0.0f;
        landed[r] = high_s[r] >= (float)rules[5];
        if (landed[r]) {
            memcpy(floor, level, bands * sizeof(float));
            high_s[r] = 0.0f;
        }
    }
}
