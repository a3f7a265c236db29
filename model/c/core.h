/* What the files of the core share. Plain functions of arrays: they keep nothing, and whatever
 * room they need the caller hands them. Arrays are double, one channel, unless said otherwise. */
#ifndef CORE_H
#define CORE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

#define BLOCK 64  /* samples per block of the running scales, as desk.py says */
#define SIDE 6    /* blocks looked at on either side */
#define FLOOR 2e-6 /* full scale; far under the least significant bit of 16-bit audio */
#define SILENCE 1e-12 /* energy of a frame below which there is nothing to predict */
#define MOST_ORDER 512

typedef struct {
    double re, im;
} bin; /* of a spectrum */

typedef unsigned char mask; /* a numpy bool */

static inline double larger(double a, double b) { return a > b ? a : b; }
static inline double smaller(double a, double b) { return a < b ? a : b; }

/* How far a value is on its way from ``low``, 0, to ``high``, 1. */
static inline double ramp(double value, double low, double high)
{
    return smaller(larger((value - low) / (high - low), 0.0), 1.0);
}
static inline int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t sooner(int64_t a, int64_t b) { return a < b ? a : b; }

/* Four sums, because the compiler may not reorder one. */
static inline double dot(const double *a, const double *b, int64_t n)
{
    double s0 = 0.0, s1 = 0.0, s2 = 0.0, s3 = 0.0;
    int64_t k = 0;
    for (; k + 4 <= n; k += 4) {
        s0 += a[k] * b[k];
        s1 += a[k + 1] * b[k + 1];
        s2 += a[k + 2] * b[k + 2];
        s3 += a[k + 3] * b[k + 3];
    }
    for (; k < n; k++)
        s0 += a[k] * b[k];
    return (s0 + s2) + (s1 + s3);
}

static inline double highest(const double *values, int64_t from, int64_t to, double least)
{
    for (int64_t k = from; k < to; k++)
        least = larger(values[k], least);
    return least;
}

/* fft.c */
EXPORT int64_t fft_plan_size(int64_t n);
EXPORT void fft_plan(int64_t n, double *plan);
EXPORT void fft_forward(const double *plan, const double *signal, bin *spectrum, double *scratch);
EXPORT void fft_inverse(const double *plan, const bin *spectrum, double *signal, double *scratch);

/* select.c */
EXPORT double nth_of(double *values, int64_t n, int64_t nth);
EXPORT double median_of(double *values, int64_t n);

/* ar.c */
EXPORT double ar_moments(const double *plan, const double *frame, const double *window, int64_t n,
                         int64_t order, int64_t low, int64_t high, double *correlation,
                         double *scratch);
EXPORT void ar_predictor(const double *correlation, int64_t order, double floor,
                         double *coefficients, double *gram);
EXPORT double ar_missed(const double *correlation, const double *gram, int64_t order);
EXPORT void ar_spectra(const double *plan, const double *coefficients, int64_t order,
                       double *energy, double *magnitude, double *scratch);
EXPORT int64_t gap_bands(const double *gram, int64_t order, const int64_t *index, int64_t n,
                         double *bands, int64_t *reach);
double field_at(const double *signal, const double *gram, int64_t order, int64_t at);
int64_t gap_factor(double *bands, int64_t n, int64_t stride, const int64_t *reach);
void gap_substitute(const double *bands, int64_t n, int64_t stride, const int64_t *reach,
                    double *x);
EXPORT int64_t gap_solve(double *bands, int64_t n, int64_t stride, const int64_t *reach, double *x);

/* What a person tuned, in Python (model/declicking/rules.py says what each means). */
typedef struct {
    double low, grow, strong, plain, concerted;
    double edge, edge_share, above, ridge;
    double upper_share, explained, louder, most_louder;
    int64_t bridge, most_open, pad;
    int64_t near, far, edge_reach, silent, clear;
} rules_t;

/* How predictors are fitted (ar.py): to n samples under a window, with a floor in the frame's power
 * of so much of the surface noise; then the finer one that ``desk_refine`` asks for. */
typedef struct {
    const double *plan, *window;
    double floor_share, least_floor, most_floor, least_share, worthwhile;
    int64_t n;
} fit_t;

/* One channel's newest samples and all that is worked with at one hop. Python has the same fields
 * in the same order (model/declicking/desk.py). ``n`` samples, of which the views are complete up
 * to ``end``, a multiple of BLOCK; ``first`` and ``last`` bound the leaving hop. */
typedef struct {
    /* The next state's, written in place. */
    const double *raw;
    double *clean;
    mask *unknown, *settled, *above;
    double *ridge, *probability;
    const double *memory; /* reaches farther back than ``clean`` and ends where it ends */
    double *vote_whole, *vote_above; /* [end - first] */
    /* The predictor: coefficients and gram [order + 1], the rest [n / 2 + 1]. */
    double *coefficients, *gram, *energy, *magnitude;
    const double *gains; /* of the band above the music [n / 2 + 1] */
    const double *plan;  /* for n samples */
    const fit_t *fit;
    const rules_t *rules;
    const double *smooth; /* [15], the neighbourhood that sizes the damage */
    /* The views: heights [end], scales and peaks [end / BLOCK]; then what is open. */
    double *height, *upper, *scale, *upper_scale, *peak;
    double *ratio, *height_above, *field, *damage;
    int64_t *index, *starts, *ends, *reach; /* [end] */
    double *bands;                          /* [end (order + 4)], or what a slow pulse needs */
    int64_t *judged_from, *judged_to;       /* [end] */
    double *likely;                         /* [end] */
    double *level, *raw_peak;
    bin *spectrum; /* [n / 2 + 1] */
    double *scratch; /* [8 n], or what a fit needs */
    /* The thresholds; ``limit`` is that above the music, infinite without one. */
    double sigma, limit, guard, sharpness, attack, long_upper, rise, analytical;
    double upper_sigma, learned, lean; /* sigmas above the music; the learned detector's votes */
    int64_t longest, n, end, first, last, order;
    int64_t low, high; /* bins of the fitted frame where surface noise is looked for */
    /* What is known at the moment. */
    int64_t n_open, n_runs, has_ratio, has_field, is_fresh, has_level, has_raw_peak;
    double *spent; /* seconds by stage, added to; NULL where nobody asks */
} desk_t;

/* Stages whose time is told apart, as desk.py names them. */
enum { BAND, PREDICTORS, SURVEY, SEARCH, REBUILDING, EDGES, VERDICT, BODIES };

/* ar.c */
EXPORT void desk_fit(desk_t *d);
EXPORT void desk_refine(desk_t *d);

/* survey.c */
EXPORT void local_scale(double *deviation, const mask *unknown, int64_t end, double *scale,
                        double *peak, double *scratch);
EXPORT double neighbour_peak(const double *peak, int64_t blocks, int64_t first, int64_t last,
                             double quantile);
EXPORT double derivative_measure(const double *signal, int64_t n, int64_t start, int64_t length,
                                 double *scratch);
EXPORT double desk_look(desk_t *d);
EXPORT int64_t desk_has_suspects(desk_t *d);
double scale_at(const desk_t *d, int64_t start, int64_t end);
double voted(const desk_t *d, double ratio, double factor);
double highest_vote(const desk_t *d, const double *votes, int64_t start, int64_t end);
void find_ratio(desk_t *d);
EXPORT void desk_evidence(const desk_t *d, float *evidence);

/* repair.c */
EXPORT int64_t desk_size(void);
EXPORT int64_t desk_is_any_open_in_hop(const desk_t *d);
EXPORT void desk_begin(desk_t *d);
EXPORT void desk_take_stock(desk_t *d);
int64_t solve_open(desk_t *d, const double *gram, double share, int64_t is_anew);
EXPORT int64_t desk_open_suspects(desk_t *d);
EXPORT int64_t desk_rebuild(desk_t *d);
EXPORT void desk_narrow(desk_t *d);
EXPORT void desk_weigh(desk_t *d);
EXPORT void ridges_of(const double *damage, int64_t n, double scale, double weight,
                      const double *smooth, double *ridge, double *scratch);
void give_back(desk_t *d, int64_t start, int64_t end);

/* verdict.c */
EXPORT int64_t desk_judge(desk_t *d, int64_t *starts, int64_t *ends, double *likely);
EXPORT double desk_settle(desk_t *d, int64_t start, int64_t end);
EXPORT int64_t desk_is_plausible(desk_t *d, int64_t start, int64_t end);

/* What is asked of a slow pulse (thump.py says what each means). */
typedef struct {
    double of_body, crack, swell, over, sigma, ridge, level, early;
    int64_t fewest_over;
} pulse_t;

/* thump.c */
EXPORT int64_t pulse_is_likely(const double *memory, int64_t n, int64_t factor, int64_t onset,
                               int64_t length, double crack, const pulse_t *rules);
EXPORT void pulse_decimate(const double *high, const double *few, const double *memory, double *low,
                           double *scratch);
EXPORT void pulse_interpolate(const double *high, const double *few, const double *low,
                              double *signal, double *scratch);
EXPORT int64_t pulse_of(const double *low, const double *a, int64_t order, double innovation,
                        int64_t first, int64_t last, int64_t n, const pulse_t *rules,
                        double *change, double *scratch);

/* How the band above the music is listened to, and read (upper_band.py says what each means). */
typedef struct {
    const double *plan, *gains; /* of a segment; [bands][segment / 2 + 1] */
    const double *region_gains; /* the same bands' in a region's spectrum */
    const double *shares, *widths_db;
    double sounds, fewest, young, steady, unsteady, most_unsteady, faint, fainter, empty;
    int64_t bands, segment, edge, memory;
} band_t;

#define MOST_BANDS 8

/* upper_band.c */
EXPORT void band_listen(const double *plan, const double *came, const double *gains, int64_t bands,
                        int64_t from, int64_t blocks, double sounds, const float *old,
                        float *levels, int64_t memory, const double *shares, double *figures,
                        double *whole, double *scratch);
EXPORT int64_t band_read(const band_t *band, const double *figures, const double *whole,
                         double *caution);

/* What a learned vote is worth (votes.py says what each means). */
typedef struct {
    double most_factor, certain, most_above;
} vote_t;

/* Where a channel's row of what is remembered has its parts, in bytes; declick.py lays it out. */
typedef struct {
    int64_t raw, clean, ridge, probability, opinion, predictor, levels, unknown, settled, above;
    int64_t size;
} row_t;

/* The parts of such a row. */
typedef struct {
    double *raw, *clean, *ridge, *probability, *opinion, *predictor;
    float *levels;
    mask *unknown, *settled, *above;
} channel_t;

/* What all streams of a sample rate share. ``memory`` samples a predictor is fitted to, of numbers
 * ``predictor`` altogether; slow pulses are looked for at a rate lower by a ``factor``, without its
 * newest ``margin`` samples, where ``shortest_body`` samples may be rebuilt, by the plans of the
 * memory's samples and of that many fewer. */
typedef struct {
    const row_t *row;
    const band_t *band;
    const vote_t *vote;
    const pulse_t *pulse;
    const double *plan_high, *plan_low;
    int64_t memory, predictor, factor, margin, shortest_body;
} stream_t;

typedef struct {
    int64_t channel, start, length;
    double peak, certainty;
} finding_t;

/* thump.c */
int64_t pulse_behind(desk_t *d, const stream_t *s, int64_t onset, int64_t length, double crack,
                     double **low, int64_t *begins, double *pulse);

/* declick.c */
EXPORT void vote_opinions(const float *probability, int64_t n, double lean, const vote_t *rules,
                          double *opinion);
EXPORT void vote_factors(const double *opinion, int64_t n, double learned, const vote_t *rules,
                         double *whole, double *above);
EXPORT int64_t declick_hops(desk_t *d, const stream_t *s, char *before, char *after,
                            const float *came, const float *judged, int64_t late,
                            int64_t channels, int64_t n, int64_t hops, int64_t turn,
                            int64_t refresh, float *left, finding_t *found);

/* bound.c */
EXPORT void bound_hops(const float *wet, const float *dry, int64_t channels, int64_t n, int64_t hop,
                       int64_t ahead, double loudest, float *peak, float *bounded);

/* spectra.c */
EXPORT void spectra_of(const double *plan, const float *shape, const float *history,
                       const float *sound, int64_t channels, int64_t n, int64_t hop, float *spectra,
                       float *next, double *scratch);
EXPORT void spectra_sounded(const double *plan, const float *shape, const float *spectra,
                            const float *tail, int64_t channels, int64_t frames, int64_t span,
                            int64_t hop, float *sound, float *next, double *scratch);
EXPORT void spectra_taken_out(const float *spectra, const float *target, int64_t n, double floor,
                              double share, float *taken);
/* How a needle is noticed that lands. */
#define LANDING_ROWS 5 /* of numbers, by band */
typedef struct {
    double share, rise, sounding, above, rising, lasting, sways, peaked, hop;
    int64_t fewest;
} landing_t;

EXPORT int64_t needle_landed(const float *now, const float *peaked, int64_t bands,
                             const landing_t *rules, float *rows, float *high);
EXPORT void spectra_peaked(const float *spectrum, int64_t bins, const int64_t *edges, int64_t bands,
                           float *peaked);
EXPORT void spectra_levels(const float *spectra, int64_t rows, int64_t bins, const int64_t *edges,
                           int64_t bands, float *levels);

/* How a denoiser listens: its windows, and when it holds what it knows (learned.py). */
typedef struct {
    const double *plan;
    const float *before, *after; /* shapes under which it listens and writes */
    const int64_t *edges;
    const landing_t *landing;
    double silence;
    int64_t hop, span, latency, window_hops, bands;
} frames_t;

/* What a denoiser remembers of each channel beside its network's, changed in place. */
typedef struct {
    float *history, *landing, *high;
    int64_t *sounding;
} heard_t;

/* denoise.c */
EXPORT int64_t denoise_listen(const frames_t *f, const float *history, const float *sound,
                              int64_t channels, int64_t n, float *spectra, float *parts,
                              const heard_t *next, mask *moves, mask *landed, float *dry,
                              double *scratch);
EXPORT void denoise_told(const float *parts, int64_t rows, int64_t bins, float *spectra);
EXPORT void denoise_take_out(const frames_t *f, const float *spectra, const float *target,
                             double floor, double share, const float *tail, int64_t channels,
                             int64_t frames, float *restored, float *next, double *scratch);

#endif
