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

/* Quantiles of some values [n] that are none of them negative, at places ``nth`` [3], ascending.
 *
 * Bits of positive numbers are in the numbers' order: counted by the upper ones, only few have to
 * be looked at one by one. Scratch [n]. */
static void quantiles_of(const float *values, int64_t n, const int64_t *nth, double *found,
                         double *scratch)
{
    enum { SHIFT = 19, BINS = 1 << (31 - SHIFT) };
    uint16_t count[BINS] = {0};
    for (int64_t k = 0; k < n; k++) {
        uint32_t bits;
        memcpy(&bits, values + k, sizeof bits);
        count[bits >> SHIFT]++;
    }
    int64_t before = 0, one = 0, few, last = -1;
    for (int64_t q = 0; q < 3; q++) {
        while (before + count[one] <= nth[q])
            before += count[one++];
        if (one != last) {
            few = 0;
            for (int64_t k = 0; k < n; k++) {
                uint32_t bits;
                memcpy(&bits, values + k, sizeof bits);
                scratch[few] = values[k];
                few += (int64_t)(bits >> SHIFT) == one;
            }
            last = one;
        }
        found[q] = nth_of(scratch, count[one], nth[q] - before);
    }
}

/* What a candidate's levels [n] have been where it was heard, at three shares of them in order.
 *
 * Returns how many were heard. Scratch [3 n / 2 + 1]. */
static int64_t figures_of(const float *levels, int64_t n, const double *shares, double *figures,
                          double *scratch)
{
    float *heard = (float *)(scratch + n);
    int64_t few = 0, nth[3];
    for (int64_t k = 0; k < n; k++) {
        heard[few] = levels[k];
        few += levels[k] > 0.0f;
    }
    for (int64_t k = 0; k < 3; k++)
        nth[k] = (int64_t)(shares[k] * (double)(few - 1));
    if (few)
        quantiles_of(heard, few, nth, figures, scratch);
    return few;
}

/* Take in the newest samples of one channel.
 *
 * ``came`` [n of the plan], whose samples from ``from`` on, ``blocks`` BLOCK of them, are new;
 * ``gains`` [bands][n / 2 + 1]. ``old`` and ``levels`` [1 + bands][memory] are the levels of all
 * blocks that are remembered, before and afterwards: the whole sound's, then each candidate's.
 * They may be the same. Where nothing sounds they stay as they were: between two cuts there is no
 * record, and what is known of its hiss must outlast the silence.
 *
 * ``figures`` [bands][4] is how often each candidate was heard, and at ``shares`` [3] its level;
 * ``whole`` [2] how often anything was heard, and its mean power. At most 65535 are remembered.
 * Scratch [5 n + 4 + 2 memory]. */
EXPORT void band_listen(const double *plan, const double *came, const double *gains, int64_t bands,
                        int64_t from, int64_t blocks, double sounds, const float *old,
                        float *levels, int64_t memory, const double *shares, double *figures,
                        double *whole, double *scratch)
{
    int64_t n = (int64_t)plan[0], bins = n / 2 + 1, is_heard = 0, kept = memory - blocks;
    double *room = scratch, *view = room + 2 * n, *more = view + n + 4 * bins;
    bin *spectrum = (bin *)(view + n), *filtered = spectrum + bins;
    float *newest = (float *)more;
    for (int64_t k = 0; k < blocks * BLOCK; k++)
        view[k] = fabs(came[from + k]);
    levels_of(view, blocks, sounds, newest);
    for (int64_t k = 0; k < blocks; k++)
        is_heard |= newest[k] > 0.0f;
    if (is_heard) {
        for (int64_t row = 0; row <= bands; row++)
            memmove(levels + row * memory, old + row * memory + blocks,
                    (size_t)kept * sizeof *old);
        memcpy(levels + kept, newest, (size_t)blocks * sizeof *newest);
        fft_forward(plan, came, spectrum, room);
    } else if (levels != old)
        memcpy(levels, old, (size_t)((bands + 1) * memory) * sizeof *old);
    for (int64_t band = 0; is_heard && band < bands; band++) {
        const double *gain = gains + band * bins;
        for (int64_t k = 0; k < bins; k++)
            filtered[k] = (bin){spectrum[k].re * gain[k], spectrum[k].im * gain[k]};
        fft_inverse(plan, filtered, view, room);
        for (int64_t k = 0; k < blocks * BLOCK; k++)
            view[from + k] = fabs(view[from + k]);
        levels_of(view + from, blocks, sounds, levels + (band + 1) * memory + kept);
    }
    for (int64_t band = 0; band < bands; band++)
        figures[4 * band] = (double)figures_of(levels + (band + 1) * memory, memory, shares,
                                               figures + 4 * band + 1, more);
    whole[0] = whole[1] = 0.0;
    for (int64_t k = 0; k < memory; k++) {
        whole[0] += levels[k] > 0.0f;
        whole[1] += (double)levels[k] * (double)levels[k];
    }
    if (whole[0] > 0.0)
        whole[1] /= whole[0];
}

static double decibels(double level) { return 20.0 * log10(level); }

/* A candidate's level for each Hz of its width, in dB. */
static double density_of(const band_t *band, const double *figures, int64_t corner)
{
    return decibels(figures[4 * corner + 2]) - band->widths_db[corner];
}

/* Say which candidate of one channel is steady hiss, the lowest first, from what ``band_listen``
 * told; ``caution`` is 1 where it is as steady as hiss, infinite where there is none. */
EXPORT int64_t band_read(const band_t *band, const double *figures, const double *whole,
                         double *caution)
{
    int64_t best = 0;
    *caution = HUGE_VAL;
    if (whole[0] == 0.0)
        return best;
    double sound = 10.0 * log10(whole[1] + 1e-20), below = -HUGE_VAL;
    double young = larger(0.0, 1.0 - whole[0] / band->young);
    for (int64_t corner = 0; corner < band->bands; corner++) {
        const double *told = figures + 4 * corner, *above = told + 4;
        if (told[0] < band->fewest)
            continue;
        double density = density_of(band, figures, corner);
        if (corner + 1 < band->bands && above[0] >= band->fewest &&
            density_of(band, figures, corner + 1) < density + band->empty)
            /* The transfer ends near here: what is left of this band is no octave of hiss, but
             * the end of the music. */
            continue;
        if (density < below + band->empty)
            break;
        below = density;
        double quartile = decibels(told[1]), median = decibels(told[2]);
        double spread = decibels(told[3]) - quartile;
        if (spread >= band->unsteady)
            continue;
        /* The loudest of what is heard as hiss stands higher above its median. */
        double moves = larger(0.0, spread - band->steady) / (band->unsteady - band->steady);
        double asked = 1.0 + young + band->most_unsteady * moves * moves;
        asked += larger(0.0, band->faint - (median - sound)) / band->fainter;
        if (asked < *caution) {
            *caution = asked;
            best = corner;
        }
    }
    return best;
}
