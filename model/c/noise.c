/* What the difference of the walls tells of their sum's hiss, and the gains that follow from it. */
#include "hiss.h"
#include "walls.h"

#define NOTED 8 /* rows of numbers that are kept of each band */

EXPORT int64_t noise_size(void) { return sizeof(noise_t); }

/* The rows [bands]: logarithms of the difference's hiss and of the sum's over it; the sum's power
 * over the difference's, and in how many frames it was hiss; both powers averaged; the share that
 * is worked with, and how far it is. */
typedef struct {
    double *level, *share, *hiss, *told, *sum, *difference, *believed, *trust;
} bands_t;

static bands_t rows_of(double *rows, int64_t n)
{
    return (bands_t){rows, rows + n, rows + 2 * n, rows + 3 * n, rows + 4 * n, rows + 5 * n,
                     rows + 6 * n, rows + 7 * n};
}

static double between(double value, double least, double most)
{
    return smaller(larger(value, least), most);
}

static double mean_of(const float *values, int64_t n)
{
    double sum = 0.0;
    for (int64_t k = 0; k < n; k++)
        sum += (double)values[k];
    return sum / (double)n;
}

/* The logarithm of a band's hiss in the difference: what leaks of the music's partials is above
 * what is looked at. */
static double quiet_of(const noise_t *n, const float *difference, int64_t band)
{
    double values[64];
    const int64_t *looked = n->looked + band * n->most_looked;
    for (int64_t k = 0; k < n->n_looked[band]; k++)
        values[k] = (double)difference[looked[k]];
    return log(nth_of(values, n->n_looked[band], n->place[band]) / n->quiet[band] + n->faint);
}

/* Take in one frame's powers and gains. */
static void hear(const noise_t *n, const float *power, const float *difference, const float *gains,
                 int64_t frames, const bands_t *is)
{
    double heard = 1.0 / (double)(frames + 1);
    for (int64_t band = 0; band < n->bands; band++) {
        int64_t start = n->starts[band], count = n->counts[band];
        double now = quiet_of(n, difference, band), moved = now - is->level[band];
        if (frames)
            now = is->level[band] + larger(heard, 1.0 / n->level_frames) *
                                        between(moved, n->stray[0], n->stray[1]);
        is->level[band] = now;
        double share = larger(heard, 1.0 / n->apart_frames), sum = mean_of(power + start, count);
        is->sum[band] += share * (sum - is->sum[band]);
        is->difference[band] +=
            share * (mean_of(difference + start, count) - is->difference[band]);
        if (!(mean_of(gains + start, count) < n->is_hiss))
            continue;
        /* The network hears nothing but hiss there. */
        double taken = is->told[band] == 0.0 ? 1.0 : 1.0 / n->hiss_frames;
        is->hiss[band] += taken * (sum / exp(now) - is->hiss[band]);
        is->told[band] += 1.0;
        double found = log(is->hiss[band] + 1e-9);
        double step = 2.0 * larger(n->step, 1.0 / is->told[band]);
        step *= found > is->share[band] ? n->lower : n->lower - 1.0;
        is->share[band] = is->told[band] == 1.0 ? found : is->share[band] + step;
    }
}

/* How much of the difference's hiss is in the sum, and how far its hiss is believed to be hiss. */
static void believe(const noise_t *n, const bands_t *is)
{
    double low = log(n->least_share), high = log(n->most_share);
    double alike = n->usual_worth * n->usual_alike, whole = n->usual_worth;
    for (int64_t band = 0; band < n->bands; band++) {
        double told = is->told[band], found = exp(between(is->share[band], low, high));
        double worth = told > n->known ? smaller(told / n->sure, 1.0) * n->usual[band] : 0.0;
        alike += worth * (4.0 * found - 1.0) / (4.0 * found + 1.0);
        whole += worth * n->usual[band];
    }
    alike = between(alike / whole, 0.0, 1.0);
    for (int64_t band = 0; band < n->bands; band++) {
        double told = is->told[band], usual = alike * n->usual[band];
        double known = told / (told + n->known);
        double found = between(is->share[band], low, high);
        double elsewhere = log((1.0 + usual) / (4.0 * (1.0 - usual)));
        is->believed[band] = known * found + (1.0 - known) * elsewhere;
        double apart = is->difference[band] / larger(is->sum[band], 1e-20);
        double doubt = ramp(apart, n->apart, n->far_apart);
        is->trust[band] = 1.0 - doubt * n->known / (told + n->known);
    }
}

/* A value of the bands [bands] at one bin, between the two that are next to it. */
static inline float at_bin(const noise_t *n, const float *bands, int64_t k)
{
    const float *below = bands + n->below[k];
    return below[0] + n->way[k] * (below[1] - below[0]);
}

/* Better gains [bins] for one frame, from the power of the sum, half of each wall, of the
 * difference, and the gains that the denoiser found.
 *
 * ``old_bands`` [NOTED][bands] and ``old_bins`` [HISS_ROWS][bins] are what was known after
 * ``frames`` frames, as in ``hiss_bettered``.
 * Returns 0 where the walls are one wall twice, and nothing is written. Scratch [bins + bands + 2]. */
EXPORT int64_t noise_step(const noise_t *n, const float *power, const float *difference,
                          const float *gains, const double *old_bands, const float *old_bins,
                          int64_t frames, double *bands, float *bins, float *better,
                          double *scratch)
{
    double whole = 0.0, apart = 0.0;
    bands_t is = rows_of(bands, n->bands);
    float *hiss = (float *)scratch, *trust = hiss + n->bands + 1;
    float *of_bin = trust + n->bands + 1, *believed = of_bin + n->bins;
    for (int64_t k = 0; k < n->bins; k++) {
        whole += (double)power[k];
        apart += (double)difference[k];
    }
    if (apart <= n->silent * whole)
        return 0;
    memcpy(bands, old_bands, (size_t)(NOTED * n->bands) * sizeof *bands);
    hear(n, power, difference, gains, frames, &is);
    if (frames % n->refresh == 0)
        believe(n, &is);
    for (int64_t band = 0; band < n->bands; band++) {
        hiss[band] = (float)(is.level[band] + is.believed[band]);
        trust[band] = (float)is.trust[band];
    }
    hiss[n->bands] = hiss[n->bands - 1];
    trust[n->bands] = trust[n->bands - 1];
    for (int64_t k = 0; k < n->bins; k++) {
        of_bin[k] = at_bin(n, hiss, k);
        believed[k] = at_bin(n, trust, k);
    }
    bettered_t b = {
        (float)n->network,        (float)n->lasting, (float)n->last,     (float)n->above,
        (float)n->lasting_frames, (float)n->fresh,   (float)n->faintest, (float)n->hold,
        (float)n->least_gain,     (float)n->faint_bin,
    };
    hiss_bettered(&b, power, gains, of_bin, believed, old_bins, frames, n->bins, bins);
    memcpy(better, bins + (HISS_ROWS - 1) * n->bins, (size_t)n->bins * sizeof *better);
    return 1;
}

/* The same for spectra (complex): ``target`` is what the denoiser made of the sum's, and what
 * becomes of it. Scratch [3 bins + bands + 2]. */
EXPORT int64_t noise_better(const noise_t *n, const float *spectrum, const float *difference,
                            const double *old_bands, const float *old_bins, int64_t frames,
                            double *bands, float *bins, float *target, double *scratch)
{
    int64_t m = n->bins;
    float *power = (float *)scratch, *apart = power + m, *gains = apart + m, *better = gains + m;
    hiss_gains(spectrum, target, m, (float)n->faint_bin, power, gains);
    for (int64_t k = 0; k < m; k++)
        apart[k] = difference[2 * k] * difference[2 * k] +
                   difference[2 * k + 1] * difference[2 * k + 1];
    if (!noise_step(n, power, apart, gains, old_bands, old_bins, frames, bands, bins, better,
                    scratch + 2 * m))
        return 0;
    hiss_applied(spectrum, gains, better, m, (float)n->least_gain, target);
    return 1;
}
