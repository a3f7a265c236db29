/* A record's hiss, learned where the network hears nothing else, and the gains that follow. */
#include "hiss.h"

#define NOTED 5 /* rows of numbers that are kept of each band */
#define MOST_HISS_BANDS 256

EXPORT int64_t hiss_size(void) { return sizeof(hiss_t); }

/* Powers [bins] of a spectrum (complex), and the gains that led from it to ``target``. */
void hiss_gains(const float *spectrum, const float *target, int64_t bins, float faint, float *power,
                float *gains)
{
    for (int64_t k = 0; k < bins; k++) {
        const float *x = spectrum + 2 * k, *y = target + 2 * k;
        float heard = x[0] * x[0] + x[1] * x[1], made = y[0] * y[0] + y[1] * y[1];
        float gain = sqrtf(made / (heard > faint ? heard : faint));
        power[k] = heard;
        gains[k] = gain < 1.0f ? gain : 1.0f;
    }
}

/* Let ``target`` be what better gains make of the spectrum; its phases stay where it has some. */
void hiss_applied(const float *spectrum, const float *gains, const float *better, int64_t bins,
                  float least, float *target)
{
    for (int64_t k = 0; k < bins; k++) {
        const float *x = spectrum + 2 * k;
        float *y = target + 2 * k;
        float share = gains[k] > least ? better[k] / gains[k] : 0.0f;
        y[0] = gains[k] > least ? share * y[0] : better[k] * x[0];
        y[1] = gains[k] > least ? share * y[1] : better[k] * x[1];
    }
}

static inline vec more_of(vec a, vec b) { return chosen(a > b, a, b); }

static inline vec at(const float *values) { return *(const vec *)values; }

/* Eight bins of what follows, from the rows of before to those of after. */
static void eight(const bettered_t *b, vec fresh, vec power, vec gains, vec hiss, vec trust,
                  const vec old[HISS_ROWS], vec now[HISS_ROWS])
{
    vec noise = exp_of(hiss), over = power / noise;
    vec lasting = old[0] + fresh * (over - old[0]);
    vec gain = more_of(gains, all_of(b->least_gain));
    vec by_network = gain * gain * over;
    vec by_time = more_of(lasting - 1.0f, all_of(b->faintest));
    vec above = more_of(over - 1.0f, all_of(0.0f));
    vec by_last = more_of((1.0f - b->fresh) * old[1] / noise + b->fresh * above,
                          all_of(b->faintest));
    vec ratio = exp_of(b->network * log_of(by_network + 1e-4f) + b->last * log_of(by_last) +
                       b->lasting * log_of(by_time) + b->above);
    vec kept = by_last / (1.0f + by_last);
    vec better = gains + trust * (ratio / (1.0f + ratio) - gains);
    now[0] = lasting;
    now[1] = kept * kept * power;
    now[2] = more_of(better, better + trust * b->hold * (old[2] - better));
}

/* Better gains [bins] for one frame, from its power, the gains that the denoiser found, the
 * logarithm of the hiss's power and how far that is believed, 0..1.
 *
 * ``old_bins`` [HISS_ROWS][bins] is what was known after ``frames`` frames: of each bin its power
 * over the hiss, averaged, that of the music in the last frame, and its gain; ``after`` becomes
 * what is known now, the better gains last. */
void hiss_bettered(const bettered_t *b, const float *power, const float *gains, const float *hiss,
                   const float *trust, const float *old_bins, int64_t frames, int64_t bins,
                   float *after)
{
    float share = 1.0f / (float)(frames + 1), least = 1.0f / b->lasting_frames;
    vec fresh = all_of(share > least ? share : least), old[HISS_ROWS], now[HISS_ROWS];
    int64_t k = 0;
    for (; k + LANES <= bins; k += LANES) {
        for (int64_t row = 0; row < HISS_ROWS; row++)
            old[row] = at(old_bins + row * bins + k);
        eight(b, fresh, at(power + k), at(gains + k), at(hiss + k), at(trust + k), old, now);
        for (int64_t row = 0; row < HISS_ROWS; row++)
            *(vec *)(after + row * bins + k) = now[row];
    }
    int64_t left = bins - k;
    if (!left)
        return;
    float in[4][LANES] = {{0}}, rows[HISS_ROWS][LANES] = {{0}};
    const float *from[4] = {power, gains, hiss, trust};
    size_t size = (size_t)left * sizeof(float);
    for (int64_t row = 0; row < 4; row++)
        memcpy(in[row], from[row] + k, size);
    for (int64_t row = 0; row < HISS_ROWS; row++) {
        memcpy(rows[row], old_bins + row * bins + k, size);
        old[row] = at(rows[row]);
    }
    eight(b, fresh, at(in[0]), at(in[1]), at(in[2]), at(in[3]), old, now);
    for (int64_t row = 0; row < HISS_ROWS; row++)
        memcpy(after + row * bins + k, &now[row], size);
}

/* The rows [bands]: the logarithm of the hiss's power, in how many frames it was heard, its power
 * averaged over a moment, and, over that level, over all of them; the share of its bins that is
 * hiss, over a moment. */
typedef struct {
    double *level, *told, *now, *mean, *free;
} bands_t;

static bands_t rows_of(double *rows, int64_t n)
{
    return (bands_t){rows, rows + n, rows + 2 * n, rows + 3 * n, rows + 4 * n};
}

/* Take in one frame: of each band the bins in which the network hears nothing but hiss, or all.
 * What is heard between the notes of music is hardly believed: some of it is music. Where bands turn
 * out to hiss less than was known, so do those that the music covers. */
static void hear(const hiss_t *h, const float *power, const float *gains, int64_t frames,
                 int64_t only_hiss, const bands_t *is)
{
    float most = only_hiss ? 2.0f : (float)h->is_hiss;
    double share[MOST_HISS_BANDS], now[MOST_HISS_BANDS], pause = 0.0;
    for (int64_t band = 0; band < h->bands; band++) {
        int64_t first = h->starts[band], end = first + h->counts[band], n = 0;
        double sum = 0.0;
        for (int64_t k = first; k < end; k++) {
            n += gains[k] < most;
            sum += gains[k] < most ? (double)power[k] : 0.0;
        }
        share[band] = (double)n / (double)(end - first);
        now[band] = n ? sum / (double)n : 0.0;
        is->free[band] += (frames ? 1.0 / h->free_frames : 1.0) * (share[band] - is->free[band]);
        pause += is->free[band] / (double)h->bands;
    }
    pause = only_hiss ? 1.0 : ramp(pause, h->busy, h->free);
    double heard = 0.0, fallen = 0.0;
    for (int64_t band = 0; band < h->bands; band++) {
        is->told[band] *= h->forget;
        if (share[band] < h->least_share)
            continue;
        double clear = larger(pause, ramp(is->free[band], h->alone, 1.0));
        double believed = h->while_busy + clear * (1.0 - h->while_busy);
        double middle = h->under + clear * (h->middle - h->under);
        double is_new = is->told[band] == 0.0;
        if (is_new) {
            is->now[band] = now[band];
            is->level[band] = log(now[band] + h->faint);
            is->mean[band] = 1.0;
        }
        is->now[band] += share[band] / h->hiss_frames * (now[band] - is->now[band]);
        double low = log(is->now[band] + h->faint) - is->level[band];
        double too_low = ramp(low, h->too_low, h->far_too_low);
        double wild = larger(log(is->mean[band]), 0.0); /* crackle has quiet moments */
        double too_high = ramp(-low - wild, h->too_high, h->far_too_high);
        double worth = share[band] * larger(believed, larger(too_low, too_high));
        double counted = share[band] * larger(believed, h->busy_told);
        is->told[band] = smaller(is->told[band] + counted, h->sure);
        double times = larger(is->told[band], 1.0), over = now[band] / exp(is->level[band]);
        is->mean[band] += worth / times * (smaller(over, h->most_over) - is->mean[band]);
        double step = 2.0 * worth * larger(h->step, 1.0 / times);
        step *= low > 0.0 ? middle : middle - 1.0;
        is->level[band] += is_new ? 0.0 : step;
        heard += share[band];
        fallen += too_high * smaller(step, 0.0);
    }
    if (heard < h->fewest)
        return;
    for (int64_t band = 0; band < h->bands; band++)
        is->level[band] += share[band] < h->least_share ? fallen / heard : 0.0;
}

/* Whether even the hiss is gone: no needle is in the groove. */
static int64_t is_lifted(const hiss_t *h, const float *power, const bands_t *is)
{
    int64_t known = 0, silent = 0;
    for (int64_t band = 0; band < h->bands; band++) {
        if (is->told[band] < h->known)
            continue;
        double sum = 0.0;
        for (int64_t k = h->starts[band]; k < h->starts[band] + h->counts[band]; k++)
            sum += (double)power[k];
        known++;
        silent += log(sum / (double)h->counts[band] + h->faint) < is->level[band] - h->lifted;
    }
    return known && (double)silent >= h->lifted_share * (double)known;
}

/* Levels and trust [bands + 1] of all bands: what is not known is as in the nearest that is.
 * Returns whether anything is. */
static int64_t told_by(const hiss_t *h, const bands_t *is, float *level, float *trust)
{
    int64_t before = -1;
    for (int64_t band = 0; band < h->bands; band++) {
        trust[band] = 0.0f;
        if (is->told[band] == 0.0)
            continue;
        double wild = log(is->mean[band]);
        double calm = 1.0 - ramp(wild, h->calm, h->wild);
        double raised = smaller(larger(wild - h->steady, 0.0), h->most_raised);
        trust[band] = (float)(calm * is->told[band] / (is->told[band] + h->known));
        level[band] = (float)(is->level[band] + h->raised * raised);
        for (int64_t k = before + 1; k < band; k++) {
            float way = before < 0 ? 1.0f : (float)(k - before) / (float)(band - before);
            float low = before < 0 ? level[band] : level[before];
            level[k] = low + way * (level[band] - low);
        }
        before = band;
    }
    for (int64_t k = before + 1; k <= h->bands; k++)
        level[k] = before < 0 ? 0.0f : level[before];
    trust[h->bands] = trust[h->bands - 1];
    return before >= 0;
}

/* Make better what the denoiser made of one frame's spectrum, ``target``, in place (complex).
 *
 * ``old_bands`` [NOTED][bands] and ``old_bins`` [HISS_ROWS][bins] are what was known after ``frames``
 * frames; ``only_hiss`` says that nothing else is playing. Returns 0 where nothing is known yet and
 * all stays, 2 where what is known is not to be heard at all, else 1. Scratch [2 bins + bands + 2]. */
EXPORT int64_t hiss_better(const hiss_t *h, const float *spectrum, const double *old_bands,
                           const float *old_bins, int64_t frames, int64_t only_hiss, double *bands,
                           float *bins, float *target, double *scratch)
{
    int64_t m = h->bins;
    float *power = (float *)scratch, *gains = power + m, *better = bins + (HISS_ROWS - 1) * m;
    float *hiss = gains + m, *trust = hiss + m, *level = trust + m, *sure = level + h->bands + 1;
    bands_t is = rows_of(bands, h->bands);
    hiss_gains(spectrum, target, m, (float)h->faint_bin, power, gains);
    memcpy(bands, old_bands, (size_t)(NOTED * h->bands) * sizeof *bands);
    memcpy(bins, old_bins, (size_t)(HISS_ROWS * m) * sizeof *bins);
    int64_t lifted = is_lifted(h, power, &is);
    hear(h, power, gains, frames, only_hiss, &is);
    if (!told_by(h, &is, level, sure))
        return 0;
    for (int64_t k = 0; k < m; k++) {
        int64_t below = h->below[k];
        float way = h->way[k];
        hiss[k] = level[below] + way * (level[below + 1] - level[below]);
        trust[k] = sure[below] + way * (sure[below + 1] - sure[below]);
    }
    bettered_t b = {
        (float)h->network,        (float)h->lasting, (float)h->last,     (float)h->above,
        (float)h->lasting_frames, (float)h->fresh,   (float)h->faintest, (float)h->hold,
        (float)h->least_gain,     (float)h->faint_bin,
    };
    hiss_bettered(&b, power, gains, hiss, trust, old_bins, frames, m, bins);
    hiss_applied(spectrum, gains, better, m, b.least_gain, target);
    return lifted ? 2 : 1;
}
