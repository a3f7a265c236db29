/* The band above the music: the levels of its candidates, and what they have been. */
#include "core.h"

#define MEDIAN_TO_SIGMA (1.0 / 0.6745)

/* The level of each block of a magnitude [blocks BLOCK], its median; 0 where nothing sounds. */
static void levels_of(double *magnitude, int64_t blocks, double sounds, float *level)
{
    for (int64_t k = 0; k < blocks; k++) {
        double middle = nth_of(magnitude + k * BLOCK, BLOCK, BLOCK / 2) * MEDIAN_TO_SIGMA;
        level[k] = (float)(middle < sounds ? 0.0 : middle);
    }
}

/* Take in the newest samples of one channel.
 *
 * ``came`` [n of the plan], whose samples from ``from`` on, ``blocks`` BLOCK of them, are new;
 * ``gains`` [bands][n / 2 + 1]. ``level`` [1 + bands][blocks] becomes the whole sound's, then each
 * candidate's. Returns whether anything sounded. Scratch [5 n + 4]. */
EXPORT int64_t band_levels(const double *plan, const double *came, const double *gains,
                           int64_t bands, int64_t from, int64_t blocks, double sounds,
                           float *level, double *scratch)
{
    int64_t n = (int64_t)plan[0], bins = n / 2 + 1, is_heard = 0;
    double *room = scratch, *view = room + 2 * n;
    bin *spectrum = (bin *)(view + n), *filtered = spectrum; /* one is made of the other in turn */
    double *kept = view + n + 2 * bins;
    for (int64_t k = 0; k < blocks * BLOCK; k++)
        view[k] = fabs(came[from + k]);
    levels_of(view, blocks, sounds, level);
    for (int64_t k = 0; k < blocks; k++)
        is_heard |= level[k] > 0.0f;
    fft_forward(plan, came, spectrum, room);
    memcpy(kept, spectrum, (size_t)bins * sizeof *spectrum);
    const bin *whole = (const bin *)kept;
    for (int64_t band = 0; band < bands; band++) {
        const double *gain = gains + band * bins;
        for (int64_t k = 0; k < bins; k++)
            filtered[k] = (bin){whole[k].re * gain[k], whole[k].im * gain[k]};
        fft_inverse(plan, filtered, view, room);
        for (int64_t k = 0; k < blocks * BLOCK; k++)
            view[from + k] = fabs(view[from + k]);
        levels_of(view + from, blocks, sounds, level + (band + 1) * blocks);
    }
    return is_heard;
}

/* What a candidate's levels [n] have been where it was heard: quartile, median and the loudest
 * tenth, in ``figures`` [3]. Returns how many were heard; scratch [n]. */
EXPORT int64_t band_figures(const float *levels, int64_t n, const double *shares, double *figures,
                            double *scratch)
{
    int64_t heard = 0;
    for (int64_t k = 0; k < n; k++)
        if (levels[k] > 0.0f)
            scratch[heard++] = levels[k];
    for (int64_t k = 0; heard && k < 3; k++)
        figures[k] = nth_of(scratch, heard, (int64_t)(shares[k] * (double)(heard - 1)));
    return heard;
}

/* Power of the levels [n] of all that was heard, and how many that are. */
EXPORT int64_t band_power(const float *levels, int64_t n, double *power)
{
    int64_t heard = 0;
    *power = 0.0;
    for (int64_t k = 0; k < n; k++) {
        heard += levels[k] > 0.0f;
        *power += (double)levels[k] * (double)levels[k];
    }
    if (heard)
        *power /= (double)heard;
    return heard;
}
