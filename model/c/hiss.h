/* Gains that follow from a hiss that is known, whoever knows it. */
#ifndef HISS_H
#define HISS_H

#include "vector.h"

#define HISS_ROWS 3 /* of numbers that are kept of each bin */

/* Three estimates of the music over the hiss, and what each counts for (difference_noise.py says
 * what each means). */
typedef struct {
    float network, lasting, last, above, lasting_frames, fresh, faintest, hold, least_gain;
    float faint_bin;
} bettered_t;

/* hiss.c */
void hiss_gains(const float *spectrum, const float *target, int64_t bins, float faint, float *power,
                float *gains);
void hiss_bettered(const bettered_t *b, const float *power, const float *gains, const float *hiss,
                   const float *trust, const float *old_bins, int64_t frames, int64_t bins,
                   float *after);
void hiss_applied(const float *spectrum, const float *gains, const float *better, int64_t bins,
                  float least, float *target);

/* What is known of a record's hiss (record_hiss.py says what each means). Of each band: where it
 * begins and how many bins; of each bin: the band below, and how far it is on its way to the next. */
typedef struct {
    const int64_t *starts, *counts, *below;
    const float *way;
    double is_hiss, least_share, hiss_frames, middle, step, known, sure, forget, calm, wild, faint;
    double lifted, lifted_share;
    double free_frames, busy, free, alone, while_busy, busy_told, under;
    double too_low, far_too_low, too_high, far_too_high, fewest, most_over;
    double steady, raised, most_raised;
    double network, lasting, last, above, lasting_frames, fresh, faintest, hold, least_gain;
    double faint_bin;
    int64_t bands, bins;
} hiss_t;

EXPORT int64_t hiss_size(void);
EXPORT int64_t hiss_better(const hiss_t *h, const float *spectrum, const double *old_bands,
                           const float *old_bins, int64_t frames, int64_t only_hiss, double *bands,
                           float *bins, float *target, double *scratch);

#endif
