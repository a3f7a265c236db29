/* What the declicker looks at: how high each sample stands in two views of the sound. */
#include "core.h"

#define MEDIAN_TO_SIGMA (1.0 / 0.6745)
#define MOST_UNKNOWN (3 * BLOCK / 4) /* of a block whose median still says something */
#define REACH 300                    /* samples that the derivative measure's medians are of */
#define SPAN 8                       /* blocks that are neighbours, on either side */

/* Medians of mostly unknown blocks, from the known ones around them, along a line. */
static void bridge_medians(double *median, const int64_t *n_unknown, int64_t blocks)
{
    int64_t before = -1;
    for (int64_t k = 0; k < blocks; k++) {
        if (n_unknown[k] > MOST_UNKNOWN)
            continue;
        for (int64_t j = before + 1; j < k; j++) {
            double share = (double)(j - before) / (double)(k - before);
            median[j] = before < 0 ? median[k]
                                   : median[before] + share * (median[k] - median[before]);
        }
        before = k;
    }
    for (int64_t j = before + 1; before >= 0 && j < blocks; j++)
        median[j] = median[before];
}

/* The median of up to SIDE blocks' medians from one on, the outermost repeated at the ends. */
static double nearby(const double *median, int64_t blocks, int64_t from)
{
    double near[SIDE];
    for (int64_t k = 0; k < SIDE; k++)
        near[k] = median[sooner(later(from + k, 0), blocks - 1)];
    return nth_of(near, SIDE, SIDE / 2);
}

/* Robust running scale of a whitened signal's magnitude [end], and the peak of each block.
 *
 * The scale is the larger of the medians before and after: what stays loud after its onset is an
 * attack, and is measured against what follows it (the guard for drums, plosives and brass).
 * Unknown samples do not count; they become 0. Scratch [BLOCK + 2 blocks].
 */
EXPORT void local_scale(double *deviation, const mask *unknown, int64_t end, double *scale,
                        double *peak, double *scratch)
{
    int64_t blocks = end / BLOCK, *n_unknown = (int64_t *)(scratch + BLOCK + blocks);
    double *one = scratch, *median = scratch + BLOCK;
    for (int64_t k = 0; k < blocks; k++) {
        double *block = deviation + k * BLOCK;
        const mask *holes = unknown + k * BLOCK;
        int64_t known = 0;
        double top = 0.0;
        for (int64_t j = 0; j < BLOCK; j++)
            if (holes[j])
                block[j] = 0.0;
            else {
                one[known++] = block[j];
                top = larger(block[j], top);
            }
        n_unknown[k] = BLOCK - known;
        peak[k] = top;
        median[k] = known ? nth_of(one, known, known / 2) : 0.0;
    }
    bridge_medians(median, n_unknown, blocks);
    double before = 0.0;
    for (int64_t k = 0; k < blocks; k++) {
        before = nearby(median, blocks, k - SIDE);
        scale[k] = larger(before, nearby(median, blocks, k + 1)) * MEDIAN_TO_SIGMA;
        scale[k] = larger(scale[k], FLOOR);
    }
}

static void heights(double *deviation, const mask *unknown, int64_t end, double *scale,
                    double *peak, double *scratch)
{
    local_scale(deviation, unknown, end, scale, peak, scratch);
    for (int64_t k = 0; k < end / BLOCK; k++)
        for (int64_t j = 0; j < BLOCK; j++)
            deviation[k * BLOCK + j] /= scale[k];
}

/* Join the learned detector's vote to an analytical ratio.
 *
 * Both are votes in the logarithm, so that either detector alone, weighed 1 against 0, decides as
 * it would without the other. */
double voted(const desk_t *d, double ratio, double factor)
{
    if (d->analytical < 1.0)
        ratio = pow(larger(ratio, 1e-6), d->analytical);
    return ratio * factor;
}

/* Local scale around a stretch: the larger of its two ends'. */
double scale_at(const desk_t *d, int64_t start, int64_t end)
{
    int64_t last = d->end / BLOCK - 1;
    return larger(d->scale[sooner(start / BLOCK, last)], d->scale[sooner((end - 1) / BLOCK, last)]);
}

/* Measure the region anew, as it is restored so far.
 *
 * One view is the *field*, the whitened signal matched to a single damaged sample; the other the
 * signal whitened once, in the band above the music. Returns the highest suspicion from ``first``.
 */
EXPORT double desk_look(desk_t *d)
{
    int64_t n = d->n, bins = n / 2 + 1;
    double gain = sqrt(d->gram[0]), *room = d->scratch, *view = room + 2 * n;
    bin *filtered = (bin *)(view + n);
    mask *is_open = (mask *)(view + 2 * n + 2);
    fft_forward(d->plan, d->clean, d->spectrum, room);
    for (int64_t k = 0; k < d->end; k++)
        is_open[k] = k >= d->first && d->unknown[k] && !d->settled[k];
    for (int64_t k = 0; k < bins; k++)
        filtered[k] = (bin){d->spectrum[k].re * d->energy[k], d->spectrum[k].im * d->energy[k]};
    fft_inverse(d->plan, filtered, view, room);
    for (int64_t k = 0; k < d->end; k++)
        d->height[k] = fabs(view[k]) / gain;
    heights(d->height, is_open, d->end, d->scale, d->peak, room);
    for (int64_t k = 0; k < bins; k++) {
        double share = d->magnitude[k] * d->gains[k];
        filtered[k] = (bin){d->spectrum[k].re * share, d->spectrum[k].im * share};
    }
    fft_inverse(d->plan, filtered, view, room);
    for (int64_t k = 0; k < d->end; k++)
        d->upper[k] = fabs(view[k]);
    heights(d->upper, is_open, d->end, d->upper_scale, view, room);
    d->has_ratio = d->has_level = d->has_raw_peak = 0;
    d->is_fresh = 1;
    find_ratio(d);
    return highest(d->ratio, d->first, d->end, 0.0);
}

/* Each sample's height over the threshold after both votes, in the view where it stands higher. */
void find_ratio(desk_t *d)
{
    if (d->has_ratio)
        return;
    double by_sigma = 1.0 / d->sigma, by_limit = 1.0 / d->limit;
    for (int64_t k = d->first; k < d->end; k++)
        d->ratio[k] = larger(voted(d, d->height[k] * by_sigma, d->vote_whole[k - d->first]),
                             voted(d, d->upper[k] * by_limit, d->vote_above[k - d->first]));
    d->has_ratio = 1;
}

/* The highest of some votes on a stretch. */
double highest_vote(const desk_t *d, const double *votes, int64_t start, int64_t end)
{
    return highest(votes, start - d->first, end - d->first, 0.0);
}

/* Soft decision on each sample that leaves [last - first]: 0.5 where the height reaches the
 * threshold in either view. */
EXPORT void desk_evidence(const desk_t *d, float *evidence)
{
    for (int64_t k = d->first; k < d->last; k++) {
        double ratio = larger(d->height[k] / d->sigma, d->upper[k] / d->limit);
        double odds = ratio * ratio * (ratio * ratio);
        evidence[k - d->first] = (float)(isfinite(odds) ? odds / (1.0 + odds) : 1.0);
    }
}

/* Whether anything stands out that is not under repair yet. */
EXPORT int64_t desk_has_suspects(desk_t *d)
{
    find_ratio(d);
    return highest(d->ratio, d->first, d->last, 0.0) > 1.0 ||
           highest(d->ratio, d->last, d->end, 0.0) > d->rules->strong;
}

/* Quantile of the block peaks around blocks ``first`` to ``last``, which do not count.
 *
 * A series of pulses (brass, glottis, hi-hat) has neighbours as high as itself; a click has not. */
EXPORT double neighbour_peak(const double *peak, int64_t blocks, int64_t first, int64_t last,
                             double quantile)
{
    double around[2 * SPAN];
    int64_t n = 0;
    for (int64_t k = later(0, first - SPAN); k < first; k++)
        around[n++] = peak[k];
    for (int64_t k = last + 1; k < sooner(last + 1 + SPAN, blocks); k++)
        around[n++] = peak[k];
    if (n == 0)
        return FLOOR;
    return larger(nth_of(around, n, (int64_t)(quantile * (double)(n - 1))), FLOOR);
}

/* One term of the measure below: the highest inside, over the median of all; they are lost. */
static double stands_out(double *values, int64_t n, int64_t from, int64_t to)
{
    double top = highest(values, sooner(from, n), sooner(to, n), 0.0);
    return top / (nth_of(values, n, n / 2) + FLOOR);
}

/* Mean of the sharpness and the amplitude of a stretch, against their running medians.
 *
 * The measure (|derivative| + |amplitude|) / 2 with first and second derivatives, each divided by
 * its own median: without such a scale it would answer to loud music as much as to clicks.
 * Scratch [length + 2 REACH].
 */
EXPORT double derivative_measure(const double *signal, int64_t n, int64_t start, int64_t length,
                                 double *scratch)
{
    int64_t low = later(0, start - REACH), m = sooner(start + length + REACH, n) - low;
    int64_t from = later(start - low - 2, 0), to = start - low + length;
    const double *x = signal + low;
    double terms[3];
    for (int64_t k = 0; k + 1 < m; k++)
        scratch[k] = fabs(x[k + 1] - x[k]);
    terms[0] = stands_out(scratch, m - 1, from, to);
    for (int64_t k = 0; k + 2 < m; k++)
        scratch[k] = fabs((x[k + 2] - x[k + 1]) - (x[k + 1] - x[k]));
    terms[1] = stands_out(scratch, m - 2, from, to);
    for (int64_t k = 0; k < m; k++)
        scratch[k] = fabs(x[k]);
    terms[2] = stands_out(scratch, m, from, to);
    return 0.5 * (larger(terms[0], terms[1]) + terms[2]);
}
