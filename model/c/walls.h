/* What the files that make one sound of two walls share. As core.h, which it goes on from. */
#ifndef WALLS_H
#define WALLS_H

#include "core.h"

#define VIEWS 4           /* lengths that a difference is looked at over */
#define SCAR_SHAPE 7      /* samples that a scar's power is averaged over, for each wall's share */
#define WALL_SHAPE 9      /* the same for what both walls may hold beside it */
#define FIGURES 6         /* of one verdict: start, end, share, rebuilt, gain, weight */

/* What a person tuned, in Python (model/walls/wall_rules.py says what each means). */
typedef struct {
    double sigmas[VIEWS], belongs[VIEWS], scar_shape[SCAR_SHAPE], wall_shape[WALL_SHAPE];
    double silent, leak, clipped, median_to_sigma;
    double least_gain, freedom, least_weight, doubt, least_damage;
    double both, wider, least;
    int64_t lengths[VIEWS];
    int64_t leak_reach, bridge, pad, past, side, window, longest;
} wall_rules_t;

/* Both walls' newest ``total`` samples and all that is worked with at one hop. Python has the same
 * fields in the same order (model/walls/joint_desk.py). Predictors are fitted to ``memory``
 * samples; ``before`` are looked at again before the leaving hop. */
typedef struct {
    /* The next state's, written in place [total]: the walls' mean and difference as they came and as
     * restored so far, each wall's damage; [levels] of the whitened difference. */
    double *mean, *sound, *difference, *hiss, *left, *right;
    mask *settled;
    double *level;
    /* The difference's predictor [hiss_order + 1], and its magnitude in the spectrum that the
     * newest are whitened in. */
    double *coefficients, *gram, *gain;
    const double *window, *hiss_plan, *music_plan, *white_plan;
    const wall_rules_t *rules;
    /* Room. */
    double *calm;   /* [total + hiss_order] the difference without damage, then zeros */
    double *scar;   /* [total] what was taken out of it */
    double *music;  /* [music_order + memory] zeros, then the music as it may have been */
    double *error;  /* [total] of its prediction, squared */
    double *heard;  /* [total] the mean, settled where it is settled */
    double *told;   /* [total] the sound as the witness tells it */
    double *height; /* [total] power of how far the difference stands out */
    mask *belongs, *known;
    double *bands; /* of the largest gap, (order + 4) each */
    int64_t *index, *reach, *starts, *ends;
    double *scratch; /* [8 total] */
    double floor;
    int64_t total, memory, hop, latency, before, levels, hiss_order, music_order;
    int64_t n_runs;
} joint_t;

/* The music's predictor: coefficients, the same backwards, gram. */
typedef struct {
    double coefficients[MOST_ORDER + 1], reversed[MOST_ORDER + 1], gram[MOST_ORDER + 1];
    int64_t order;
} predictor_t;

/* joint.c */
EXPORT int64_t joint_size(void);
EXPORT int64_t wall_rules_size(void);
EXPORT int64_t joint_step(joint_t *j, const double *walls, const double *samples,
                          const mask *settled, const double *level, int64_t is_due,
                          double *verdicts);
void predictor_of(predictor_t *p, const double *plan, const double *frame, const double *window,
                  int64_t n, int64_t order, double floor, double *scratch);
void filtered(const double *taps, int64_t length, const double *samples, int64_t n, double *out);
void errors_of(const predictor_t *p, const double *samples, int64_t n, double *error);

/* damage.c */
EXPORT int64_t stretches_of_damage(joint_t *j, int64_t begin, int64_t n, const double *difference,
                                   const double *music);

/* settle.c */
EXPORT int64_t joint_settle(joint_t *j, double *verdicts);

/* witness.c */
EXPORT void witness_decide(joint_t *j, const predictor_t *p, const double *sigma,
                           double *verdicts);

/* How each wall's hiss is followed (wall_weights.py says what each means). ``bands`` begin at the
 * bins ``starts``, and the last ends at ``end``; the filter's bins are in the bands ``band_of``. */
typedef struct {
    const double *plan, *window, *filter_plan, *taper;
    const int64_t *starts, *band_of;
    double hiss, memory, least_heard, least, still, sigmas, most, step, peak;
    int64_t frame, bands, end, reach;
} weights_t;

/* weigh.c */
EXPORT int64_t weights_size(void);
EXPORT void weights_hear(const weights_t *w, const double *mean, const double *difference,
                         const double *old, double *state, double *scratch);
EXPORT int64_t weights_take_out(const weights_t *w, const double *difference, const double *before,
                                const double *after, const double *sound, const mask *settled,
                                int64_t n, double *left, double *scratch);

/* How the walls are followed (wall_follower.py says what each means). */
typedef struct {
    const double *plan, *search_plan, *window, *turns, *drift, *unknown;
    double turn, known, level_share, frames, sounds, likest, further, higher, tone;
    double like_weight, loudest, settled, most_db, most_weight;
    int64_t hop, size, first, bands, fine, most, near, search_every;
} follower_t;

/* What is known of how the walls stand, all numbers. */
typedef struct {
    double levels[3], balance, weighed, loud, heard, hops, swing[3], spread[9], offset, found;
} standing_t;

/* follow.c */
EXPORT int64_t follower_size(void);
EXPORT int64_t standing_size(void);
EXPORT void follower_step(const follower_t *f, const double *walls, int64_t n,
                          const double *old_recent, const double *old_bands, double *recent,
                          double *bands, standing_t *s, double *scratch);

/* What the difference tells of the sum's hiss (difference_noise.py says what each means). Of each
 * band: where it begins, how many bins, which of them are looked at [most_looked] and how many, the
 * one that is taken for quiet and what it is of the mean. Of each bin: the band below, and how far
 * it is on its way to the next. */
typedef struct {
    const int64_t *starts, *counts, *looked, *n_looked, *place, *below;
    const double *quiet, *usual;
    const float *way;
    double silent, level_frames, stray[2], faint, apart_frames, is_hiss, hiss_frames, lower, step;
    double apart, far_apart, known, sure, least_share, most_share, usual_alike, usual_worth;
    double network, lasting, last, above, lasting_frames, fresh, faintest, hold, least_gain;
    double faint_bin;
    int64_t bands, bins, most_looked, refresh;
} noise_t;

/* noise.c */
EXPORT int64_t noise_size(void);
EXPORT int64_t noise_step(const noise_t *n, const float *power, const float *difference,
                          const float *gains, const double *old_bands, const float *old_bins,
                          int64_t frames, double *bands, float *bins, float *better,
                          double *scratch);
EXPORT int64_t noise_better(const noise_t *n, const float *spectrum, const float *difference,
                            const double *old_bands, const float *old_bins, int64_t frames,
                            double *bands, float *bins, float *target, double *scratch);

/* bring.c */
EXPORT void walls_brought(const double *history, const double *walls, int64_t n, int64_t latency,
                          const double *taps, const double *gains, int64_t heard, double *brought,
                          double *next, double *scratch);
EXPORT int64_t walls_living(const double *walls, int64_t n, int64_t group, int64_t stretch,
                            double floor, const double *last, double *next, double *levels);

#endif
