/* One hop of the declicker: what is new comes in, what stands out is repaired, what has waited long
 * enough leaves. The channels share nothing. */
#include "core.h"

#include <time.h>

#define PASSES 2  /* faint impulses show once the loud ones are rebuilt */
#define DENSE 200 /* samples; more are weighed once only: in dense crackle a second gains nothing */
#define SCREEN 0.6 /* of the threshold: what stands this high calls for a new predictor */

/* Adds what a call takes to a stage's time where that is asked for. */
#define TIMED(stage, call)                                                                         \
    do {                                                                                           \
        clock_t began = d->spent ? clock() : 0;                                                    \
        call;                                                                                      \
        if (d->spent)                                                                              \
            d->spent[stage] += (double)(clock() - began) / (double)CLOCKS_PER_SEC;                 \
    } while (0)

/* Move a row's parts ahead by n items of ``size`` bytes; ``to`` may be where they came from. */
static void advance(void *to, const void *from, int64_t total, int64_t n, size_t size)
{
    memmove(to, (const char *)from + (size_t)n * size, (size_t)(total - n) * size);
    memset((char *)to + (size_t)(total - n) * size, 0, (size_t)n * size);
}

#define ADVANCE(part, total) advance(now->part, old->part, total, n, sizeof *now->part)

static channel_t channel_in(char *row, const row_t *at)
{
    return (channel_t){
        .raw = (double *)(row + at->raw),
        .clean = (double *)(row + at->clean),
        .ridge = (double *)(row + at->ridge),
        .probability = (double *)(row + at->probability),
        .opinion = (double *)(row + at->opinion),
        .predictor = (double *)(row + at->predictor),
        .levels = (float *)(row + at->levels),
        .unknown = (mask *)(row + at->unknown),
        .settled = (mask *)(row + at->settled),
        .above = (mask *)(row + at->above),
    };
}

/* Take in n samples. */
static void take_in(const desk_t *d, const stream_t *s, const channel_t *old, const channel_t *now,
                    const float *came, int64_t n)
{
    ADVANCE(raw, d->n);
    ADVANCE(clean, s->memory);
    ADVANCE(ridge, d->n);
    ADVANCE(probability, d->n);
    ADVANCE(opinion, d->n);
    ADVANCE(unknown, d->n);
    ADVANCE(settled, d->n);
    ADVANCE(above, d->n);
    for (int64_t k = 0; k < n; k++)
        now->raw[d->n - n + k] = now->clean[s->memory - n + k] = (double)came[k];
    if (old->predictor != now->predictor)
        memcpy(now->predictor, old->predictor, (size_t)s->predictor * sizeof *now->predictor);
}

/* The logarithm of the factor by which the learned detector's word raises or lowers a height.
 *
 * Proportional to its log odds, so that 0.5 leaves everything to the analytical detector (at
 * sensitivity 0.5; a higher one leans towards finding); bounded, so that neither can overrule the
 * other for good. */
EXPORT void vote_opinions(const float *probability, int64_t n, double lean, const vote_t *rules,
                          double *opinion)
{
    double most = log(rules->most_factor);
    for (int64_t k = 0; k < n; k++) {
        double p = smaller(larger((double)probability[k], 1e-3), 1.0 - 1e-3);
        double odds = (log(p / (1.0 - p)) + lean) / rules->certain;
        opinion[k] = most * smaller(larger(odds, -1.0), 1.0);
    }
}

/* Opinions [n] as factors, in the whole band and above the music.
 *
 * Above the music a vote sharpens the evidence, and erases none. ``learned`` is the votes' weight,
 * 0..1. */
EXPORT void vote_factors(const double *opinion, int64_t n, double learned, const vote_t *rules,
                         double *whole, double *above)
{
    double most = log(rules->most_above);
    for (int64_t k = 0; k < n; k++) {
        double o = opinion[k];
        whole[k] = learned == 0.0 || o == 0.0 ? 1.0 : exp(learned * o);
        above[k] = o <= 0.0 ? 1.0 : o <= most ? whole[k] : exp(learned * most);
    }
}

/* Turn the desk to a channel. */
static void turn_to(desk_t *d, const stream_t *s, const channel_t *now)
{
    int64_t order = d->order, bins = d->n / 2 + 1;
    d->raw = now->raw;
    d->memory = now->clean;
    d->clean = now->clean + s->memory - d->n;
    d->unknown = now->unknown;
    d->settled = now->settled;
    d->above = now->above;
    d->ridge = now->ridge;
    d->probability = now->probability;
    d->coefficients = now->predictor;
    d->gram = d->coefficients + order + 1;
    d->energy = d->gram + order + 1;
    d->magnitude = d->energy + bins;
}

/* Hear what the band above the music is worth in this channel. */
static void hear_above(desk_t *d, const stream_t *s, const channel_t *old, const channel_t *now,
                       int64_t n)
{
    const band_t *band = s->band;
    double figures[4 * MOST_BANDS], whole[2], caution;
    band_listen(band->plan, now->raw + d->n - band->segment, band->gains, band->bands,
                band->segment - band->edge - n, n / BLOCK, band->sounds, old->levels, now->levels,
                band->memory, band->shares, figures, whole, d->scratch);
    int64_t corner = band_read(band, figures, whole, &caution);
    d->gains = band->region_gains + corner * (d->n / 2 + 1);
    d->limit = d->upper_sigma * caution;
}

/* Mark the suspects of the region and rebuild them. */
static void examine(desk_t *d)
{
    if (desk_is_any_open_in_hop(d)) {
        TIMED(REBUILDING, desk_rebuild(d)); /* by the newest predictor, before it is decided upon */
        if (!desk_has_suspects(d))
            return;
        TIMED(SURVEY, desk_look(d));
    }
    for (int64_t pass = 0; pass < PASSES; pass++) {
        int64_t opened = 0;
        if (desk_has_suspects(d))
            TIMED(SEARCH, opened = desk_open_suspects(d));
        if (!opened)
            return;
        TIMED(REBUILDING, desk_rebuild(d));
        TIMED(EDGES, desk_narrow(d));
        for (int64_t times = d->n_open > DENSE ? 1 : 2; times > 0; times--) {
            desk_weigh(d);
            TIMED(REBUILDING, desk_rebuild(d));
        }
        TIMED(SURVEY, desk_look(d));
    }
}

/* Take out the slow pulse behind each crack that has one; its finding grows by it. */
static void take_bodies(desk_t *d, const stream_t *s, finding_t *found, int64_t count)
{
    int64_t offset = s->memory - d->n, likely = 0;
    double *memory = d->clean - offset;
    if (d->longest < s->shortest_body)
        return;
    for (int64_t k = 0; k < count && !likely; k++) {
        int64_t onset = d->first + found[k].start, length = sooner(d->longest, d->end - onset);
        likely = pulse_is_likely(memory, s->memory, s->factor, offset + onset, length,
                                 found[k].peak, s->pulse);
    }
    double *low = NULL, *pulse = d->ratio; /* nobody looks at heights any more */
    d->has_ratio = 0;
    for (int64_t k = 0; k < count && likely; k++) {
        int64_t onset = d->first + found[k].start, begins, n;
        n = pulse_behind(d, s, offset + onset, sooner(d->longest, d->end - onset), found[k].peak,
                         &low, &begins, pulse);
        if (!n)
            continue;
        int64_t gone = later(0, d->first - (begins - offset)); /* what has left stays as it is */
        double peak = found[k].peak;
        for (int64_t j = gone; j < n; j++) {
            int64_t at = begins - offset + j;
            d->clean[at] -= pulse[j];
            d->settled[at] = d->unknown[at] = 1;
            d->probability[at] = larger(d->probability[at], 0.9);
            peak = larger(fabs(pulse[j]), peak);
        }
        low = NULL; /* it was that of another sound */
        found[k].start = begins - offset + gone - d->first;
        found[k].length = n - gone;
        found[k].peak = peak;
    }
}

/* Find, rebuild and settle in the channel that the desk is turned to and has looked at; how many
 * were kept. The evidence of what was judged is the verdict on it. */
static int64_t repair(desk_t *d, const stream_t *s, float *evidence, finding_t *found)
{
    int64_t judged, kept = 0;
    desk_begin(d);
    examine(d);
    TIMED(VERDICT, judged = desk_judge(d, d->judged_from, d->judged_to, d->likely));
    desk_evidence(d, evidence);
    for (int64_t k = 0; k < judged; k++) {
        int64_t start = d->judged_from[k], end = d->judged_to[k];
        for (int64_t j = start; j < sooner(end, d->last); j++)
            evidence[j - d->first] = (float)d->likely[k];
        if (d->likely[k] >= 0.5)
            found[kept++] = (finding_t){.start = start, .length = end - start};
    }
    if (!kept)
        return 0;
    if (!d->is_fresh) {
        desk_take_stock(d);
        TIMED(REBUILDING, desk_rebuild(d));
    }
    TIMED(REBUILDING, desk_refine(d));
    for (int64_t k = 0; k < kept; k++)
        found[k].peak = desk_settle(d, found[k].start, found[k].start + found[k].length);
    for (int64_t k = 0; k < kept; k++)
        found[k].start -= d->first;
    TIMED(BODIES, take_bodies(d, s, found, kept));
    return kept;
}

/* What leaves with the hop: the input, the repairs' probability, and the input repaired. */
static void leave(const desk_t *d, float *original, float *probability, float *repaired)
{
    for (int64_t k = d->first; k < d->last; k++) {
        float likely = (float)d->probability[k];
        original[k - d->first] = (float)d->raw[k];
        repaired[k - d->first] = (float)(likely > 0.0f ? d->clean[k] : d->raw[k]);
        probability[k - d->first] = likely;
    }
}

/* One channel's hop of n samples; returns how many were found. ``judged`` is the learned
 * detector's word on samples ``late`` before, if it has one. */
static int64_t one_hop(desk_t *d, const stream_t *s, char *before, char *after, const float *came,
                       const float *judged, int64_t late, int64_t n, int64_t is_due, float *left,
                       int64_t apart, finding_t *found)
{
    channel_t old = channel_in(before, s->row), now = channel_in(after, s->row);
    float *evidence = left + 2 * apart;
    int64_t kept = 0;
    take_in(d, s, &old, &now, came, n);
    if (judged)
        vote_opinions(judged, n, d->lean, s->vote, now.opinion + d->n - late - n);
    turn_to(d, s, &now);
    /* From the input, not the repaired sound: what is known of the band hangs on nothing older. */
    TIMED(BAND, hear_above(d, s, &old, &now, n));
    vote_factors(now.opinion + d->first, d->end - d->first, d->learned, s->vote, d->vote_whole,
                 d->vote_above);
    if (is_due)
        TIMED(PREDICTORS, desk_fit(d));
    double top;
    TIMED(SURVEY, top = desk_look(d));
    if (top >= SCREEN || desk_is_any_open_in_hop(d)) {
        if (!is_due) {
            TIMED(PREDICTORS, desk_fit(d));
            TIMED(SURVEY, desk_look(d));
        }
        kept = repair(d, s, evidence, found);
        for (int64_t k = 0; k < kept; k++) {
            int64_t start = d->first + found[k].start;
            int64_t end = sooner(start + found[k].length, d->last);
            found[k].certainty = (float)highest(d->probability, start, end, 0.5);
        }
    } else
        desk_evidence(d, evidence);
    memset(now.settled, 1, (size_t)d->last);
    leave(d, left, left + apart, left + 3 * apart);
    return kept;
}

/* Take ``hops`` hops of n samples in, and let as many leave that came ``LOOKAHEAD`` before.
 *
 * ``before`` and ``after`` [channels] are rows of what is remembered, of which the first stay as
 * they are. ``came`` [channels][hops n]; ``judged`` likewise, or NULL; ``left`` [4][channels]
 * [hops n]: the input, the repairs' probability, that of every sample, the input repaired. A
 * channel's predictor is fitted anew whenever it has work to do, and every ``refresh`` hops, in
 * turns, where all is quiet. Returns how many are in ``found``, which has room for n / 2 + 1 of
 * each hop and channel. */
EXPORT int64_t declick_hops(desk_t *d, const stream_t *s, char *before, char *after,
                            const float *came, const float *judged, int64_t late,
                            int64_t channels, int64_t n, int64_t hops, int64_t turn,
                            int64_t refresh, float *left, finding_t *found)
{
    int64_t size = s->row->size, whole = hops * n, count = 0;
    for (int64_t hop = 0; hop < hops; hop++)
        for (int64_t channel = 0; channel < channels; channel++) {
            int64_t at = channel * whole + hop * n;
            char *next = after + channel * size, *last = hop ? next : before + channel * size;
            int64_t kept = one_hop(d, s, last, next, came + at, judged ? judged + at : NULL, late,
                                   n, (channel + turn + hop) % refresh == 0, left + at,
                                   channels * whole, found + count);
            for (int64_t k = 0; k < kept; k++) {
                found[count + k].start += hop * n;
                found[count + k].channel = channel;
            }
            count += kept;
        }
    return count;
}
