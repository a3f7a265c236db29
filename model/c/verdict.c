/* What the declicker decides: is a stretch that stands out damage or music?
 *
 * In the whole band brass, drums and consonants stand out as clicks do and are told apart by what
 * they bring along: neighbours of the same height, a soft edge, a sound that goes on. Above the
 * music nothing plays, so there a suspect need only be higher than hiss and short. */
#include "core.h"

/* The weakest of what speaks for a click of the whole band. The vote joins how far it stands out;
 * no vote changes what is a matter of fact: how sharp it is, how far its repair explains it. */
static double with_vote(const desk_t *d, double standing, double others, int64_t start,
                        int64_t end)
{
    return smaller(voted(d, standing, highest_vote(d, d->vote_whole, start, end)), others);
}

/* Whether a suspect of the whole band is worth a repair: the cheap parts of the verdict, before
 * anything is rebuilt. */
EXPORT int64_t desk_is_plausible(desk_t *d, int64_t start, int64_t end)
{
    double top = highest(d->height, start, end, 0.0) * scale_at(d, start, end);
    double pulses = neighbour_peak(d->peak, d->end / BLOCK, start / BLOCK, (end - 1) / BLOCK, 0.4);
    double standing = top / (d->guard * pulses), room[4096];
    if (!(with_vote(d, standing, HUGE_VAL, start, end) >= 1.0))
        return 0;
    return derivative_measure(d->raw, d->n, start, end - start, room) >= d->sharpness;
}

/* How much higher a suspect must stand for its length and the rise of level after it.
 *
 * A drum or a plosive is long and leaves the sound louder than before; a click of the same height
 * is short and leaves it as it was. */
EXPORT double attack_likeness(const double *clean, int64_t n, int64_t start, int64_t end,
                              double attack, double exponent)
{
    int64_t from = later(0, start - 4 * BLOCK), to = sooner(n, end + 4 * BLOCK);
    double before = dot(clean + from, clean + from, start - from);
    double rise = dot(clean + end, clean + end, to - end) / larger(before, 1e-9);
    return (1.0 + (double)(end - start) / attack) * pow(larger(1.0, rise), exponent);
}

/* The median of level[from..to), as far as there is any. */
static double median_within(const double *level, int64_t n, int64_t from, int64_t to,
                            double *scratch)
{
    to = sooner(to, n);
    from = sooner(from, to - 1);
    memcpy(scratch, level + from, (size_t)(to - from) * sizeof *scratch);
    return median_of(scratch, to - from);
}

/* How much higher a suspect must stand because its sound goes on after it.
 *
 * Measured in the whitened sound, where a castanet or a drum goes on for milliseconds, high above
 * what was before, and a click has left nothing. By medians: the next click is none. */
EXPORT double going_on(const double *level, int64_t n, int64_t start, int64_t end,
                       const rules_t *rules, double *scratch)
{
    int64_t clear = rules->clear;
    double before = median_within(level, n, later(0, start - rules->far), later(1, start - clear),
                                  scratch);
    double near = median_within(level, n, end + clear, end + clear + rules->near, scratch);
    double far = median_within(level, n, end + clear, end + rules->far, scratch);
    double louder = larger(1.0, smaller(near, far) / (before + 1e-12) / rules->louder);
    return smaller(louder * louder, rules->most_louder);
}

/* Magnitude of the rebuilt sound, whitened once. */
static void find_level(desk_t *d)
{
    if (d->has_level)
        return;
    int64_t n = d->n;
    double *room = d->scratch;
    bin *spectrum = d->spectrum, *filtered = (bin *)(room + 2 * n);
    if (!d->is_fresh)
        fft_forward(d->plan, d->clean, spectrum, room);
    for (int64_t k = 0; k <= n / 2; k++)
        filtered[k] = (bin){spectrum[k].re * d->magnitude[k], spectrum[k].im * d->magnitude[k]};
    fft_inverse(d->plan, filtered, d->level, room);
    for (int64_t k = 0; k < n; k++)
        d->level[k] = fabs(d->level[k]);
    d->has_level = 1;
}

/* Each block's largest magnitude of the raw sound's field: a fast series (brass) fills most blocks
 * even though each of its pulses may be a suspect itself. */
static void find_raw_peak(desk_t *d)
{
    if (d->has_raw_peak)
        return;
    int64_t n = d->n;
    double *room = d->scratch, *view = room + 2 * n, gain = sqrt(d->gram[0]);
    bin *spectrum = (bin *)(view + n);
    fft_forward(d->plan, d->raw, spectrum, room);
    for (int64_t k = 0; k <= n / 2; k++)
        spectrum[k] = (bin){spectrum[k].re * d->energy[k], spectrum[k].im * d->energy[k]};
    fft_inverse(d->plan, spectrum, view, room);
    for (int64_t k = 0; k < d->end / BLOCK; k++) {
        d->raw_peak[k] = 0.0;
        for (int64_t j = k * BLOCK; j < (k + 1) * BLOCK; j++)
            d->raw_peak[k] = larger(fabs(view[j]), d->raw_peak[k]);
        d->raw_peak[k] /= gain;
    }
    d->has_raw_peak = 1;
}

/* What a run's damage is in the field, its height and how far its repair explains the sound:
 * spread[i] = sum over j of damage[j] gram[|i - j|]. */
static void damage_in_field(const desk_t *d, const double *damage, int64_t n, double *top,
                            double *explained)
{
    *top = *explained = 0.0;
    for (int64_t i = 0; i < n; i++) {
        double spread = dot(damage + i, d->gram, sooner(n - i, d->order + 1));
        for (int64_t j = later(0, i - d->order); j < i; j++)
            spread += damage[j] * d->gram[i - j];
        *top = larger(fabs(spread), *top);
        *explained += damage[i] * spread;
    }
}

/* How far a run is a click of the whole band, from the repair that was tried; 1 suffices.
 *
 * The weakest of three: how far the removed part stands out of the local scale and the
 * neighbouring pulses, how sharp it is, how far its repair explains the prediction error. */
static double whole_band_likeness(desk_t *d, int64_t start, int64_t end)
{
    const rules_t *rules = d->rules;
    int64_t n = end - start, blocks = d->end / BLOCK;
    int64_t first = start / BLOCK, last = sooner((end - 1) / BLOCK, blocks - 1);
    double *damage = d->damage, scale = scale_at(d, start, end), top, explained;
    find_level(d);
    find_raw_peak(d);
    for (int64_t k = 0; k < n; k++)
        damage[k] = d->raw[start + k] - d->clean[start + k];
    damage_in_field(d, damage, n, &top, &explained);
    top /= sqrt(d->gram[0]);
    explained /= (double)n * scale * scale;
    double pulses = larger(neighbour_peak(d->peak, blocks, first, last, 0.8),
                           neighbour_peak(d->raw_peak, blocks, first, last, 0.4));
    double attack = attack_likeness(d->clean, d->n, start, end, d->attack, d->rise);
    double standing = smaller(top / (scale * d->sigma * attack), top / (pulses * d->guard));
    standing /= going_on(d->level, d->n, start, end, rules, d->scratch);
    double sharpness = derivative_measure(d->raw, d->n, start, n, d->scratch) / d->sharpness;
    double share = sqrt(larger(explained, 0.0)) / rules->explained;
    return with_vote(d, standing, smaller(sharpness, share), start, end);
}

/* Whether a stretch of digital silence lies in one side of ``reach`` samples, counted from the
 * suspect, which lies before (step 1) or behind (step -1). */
static int holds_silence(const double *side, int64_t reach, int64_t silent, int64_t step)
{
    for (int64_t block = 0; block < reach / silent; block++) {
        int sounds = 0;
        for (int64_t k = block * silent; k < (block + 1) * silent; k++)
            sounds |= side[step * k] != 0.0;
        if (!sounds)
            return 1;
    }
    return 0;
}

/* Whether digital silence lies on just one side: a beginning or an end, no impulse. */
EXPORT int64_t is_edge_of_silence(const double *raw, int64_t n, int64_t start, int64_t end,
                                  int64_t reach, int64_t silent)
{
    int before = holds_silence(raw + start - 1, sooner(reach, start), silent, -1);
    int after = holds_silence(raw + end, sooner(reach, n - end), silent, 1);
    return before != after;
}

/* How far each of the first ``runs`` runs is a click above the music; 1 suffices. */
static void ratios_above(desk_t *d, int64_t runs, double *told)
{
    const rules_t *rules = d->rules;
    int64_t n = d->n, any = 0;
    for (int64_t j = 0; j < runs; j++) {
        told[j] = 0.0;
        for (int64_t k = d->starts[j]; k < d->ends[j]; k++)
            any |= d->above[k];
    }
    if (!any || !isfinite(d->limit))
        return;
    double *room = d->scratch, *removed = room + 2 * n, *height = removed + n, centre = 0.0;
    bin *spectrum = (bin *)(height + n);
    for (int64_t k = 0; k < n; k++)
        removed[k] = d->raw[k] - d->clean[k];
    fft_forward(d->plan, removed, spectrum, room);
    for (int64_t k = 0; k <= n / 2; k++) {
        double share = d->magnitude[k] * d->gains[k];
        centre += share;
        spectrum[k] = (bin){spectrum[k].re * share, spectrum[k].im * share};
    }
    centre /= (double)(n / 2 + 1);
    fft_inverse(d->plan, spectrum, height, room);
    for (int64_t j = 0; j < runs; j++) {
        int64_t start = d->starts[j], end = d->ends[j];
        double own = 0.0, top = 0.0;
        int is_above = 0;
        for (int64_t k = start; k < end; k++) {
            is_above |= d->above[k];
            own = larger(fabs(removed[k]), own);
            top = larger(fabs(height[k]) / d->upper_scale[k / BLOCK], top);
        }
        if (!is_above)
            continue;
        /* No higher than what is taken out here can cause: the rest is a louder neighbour's. */
        double most = rules->concerted * own * centre / d->upper_scale[start / BLOCK];
        double demand = larger((double)(end - start) / d->long_upper, 1.0);
        double ratio = smaller(top, most) / (rules->upper_share * d->limit * demand);
        told[j] = voted(d, ratio, highest_vote(d, d->vote_above, start, end));
    }
}

/* Give each run that begins in the leaving hop its probability, and take back what is no click.
 *
 * One that was found above the music is judged there. If that does not suffice, or the band is
 * gone by now, it may still be a click in the whole band. Returns how many were judged; those of
 * 0.5 and more are kept, and noted in ``probability``. */
EXPORT int64_t desk_judge(desk_t *d, int64_t *starts, int64_t *ends, double *likely)
{
    const rules_t *rules = d->rules;
    int64_t runs = 0, sounding = 0;
    while (runs < d->n_runs && d->starts[runs] < d->last)
        runs++;
    if (runs == 0)
        return 0;
    for (int64_t k = 0; k < d->n; k++)
        sounding += d->raw[k] != 0.0;
    int may_begin = sounding <= d->n - rules->silent;
    ratios_above(d, runs, likely);
    for (int64_t j = 0; j < runs; j++) {
        int64_t start = starts[j] = d->starts[j], end = ends[j] = d->ends[j];
        int begins = may_begin && is_edge_of_silence(d->raw, d->n, start, end, rules->edge_reach,
                                                     rules->silent);
        if (end - start > d->longest || begins)
            likely[j] = 0.0;
        else if (likely[j] < 1.0)
            likely[j] = larger(likely[j], whole_band_likeness(d, start, end));
        likely[j] = 1.0 / (1.0 + pow(larger(likely[j], 1e-6), -4.0));
    }
    for (int64_t j = 0; j < runs; j++)
        if (likely[j] < 0.5)
            give_back(d, starts[j], ends[j]);
        else
            for (int64_t k = starts[j]; k < ends[j]; k++)
                d->probability[k] = likely[j];
    return runs;
}

/* Settle a kept run for good; it stays inside the loudness of its surroundings and of what was
 * there. Returns the height of what was removed. */
EXPORT double desk_settle(desk_t *d, int64_t start, int64_t end)
{
    int64_t from = later(0, start - 2 * BLOCK), to = sooner(d->n, end + 2 * BLOCK);
    double limit = 0.0, peak = 0.0;
    for (int64_t k = from; k < to; k++)
        limit = larger(fabs(d->raw[k]), limit);
    limit *= d->rules->above;
    for (int64_t k = start; k < end; k++) {
        d->clean[k] = larger(smaller(d->clean[k], limit), -limit);
        d->settled[k] = 1;
        peak = larger(fabs(d->raw[k] - d->clean[k]), peak);
    }
    return peak;
}
