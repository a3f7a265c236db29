/* A worn wall counts less: what the difference foretells of the mean's hiss is taken out of it. */
#include "walls.h"

EXPORT int64_t weights_size(void) { return sizeof(weights_t); }

/* What is to be taken of one band's difference, from its running sums. */
static double share_of(const weights_t *w, double together, double power, double square,
                       double heard, double before)
{
    double least = before != 0.0 ? w->still : w->least;
    power = larger(power, 1e-12);
    double found = smaller(larger(together / power, -w->most), w->most);
    double doubt = sqrt(square / larger(heard, 1.0)) / power;
    if (!(heard >= w->least_heard) || !(fabs(found) > larger(least, w->sigmas * doubt)))
        return 0.0;
    return before != 0.0 && fabs(found - before) < w->step ? before : found;
}

/* Hear the newest ``frame`` samples, repaired, of the walls' mean and difference.
 *
 * ``old`` and ``state`` [5][bands]: mean times difference over their power, the difference's power
 * over the same, the first one's squares in single frames, how many frames that were, and what is
 * to be taken of the difference. Scratch [5 frame + 4]. */
EXPORT void weights_hear(const weights_t *w, const double *mean, const double *difference,
                         const double *old, double *state, double *scratch)
{
    int64_t n = w->frame, bands = w->bands;
    double *room = scratch, *windowed = room + 2 * n;
    bin *music = (bin *)(windowed + n), *hiss = music + n / 2 + 1;
    for (int64_t k = 0; k < n; k++)
        windowed[k] = mean[k] * w->window[k];
    fft_forward(w->plan, windowed, music, room);
    for (int64_t k = 0; k < n; k++)
        windowed[k] = difference[k] * w->window[k];
    fft_forward(w->plan, windowed, hiss, room);
    memcpy(state, old, (size_t)(5 * bands) * sizeof *state);
    for (int64_t band = 0; band < bands; band++) {
        int64_t end = band + 1 < bands ? w->starts[band + 1] : w->end;
        double loud = 0.0, noise = 0.0, both = 0.0, *is = state + band;
        for (int64_t k = w->starts[band]; k < end; k++) {
            loud += music[k].re * music[k].re + music[k].im * music[k].im;
            noise += hiss[k].re * hiss[k].re + hiss[k].im * hiss[k].im;
            both += music[k].re * hiss[k].re + music[k].im * hiss[k].im;
        }
        if (noise > 0.0 && loud < w->hiss * noise) { /* there is no music */
            double scale = loud + noise, single = both / scale;
            double heard = smaller(is[3 * bands] + 1.0, w->memory), share = 1.0 / larger(heard, 1.0);
            is[0] += share * (single - is[0]);
            is[bands] += share * (noise / scale - is[bands]);
            is[2 * bands] += share * (single * single - is[2 * bands]);
            is[3 * bands] = heard;
        }
        is[4 * bands] = share_of(w, is[0], is[bands], is[2 * bands], is[3 * bands], is[4 * bands]);
    }
}

/* Filter the difference by shares [bands]: ``lost`` [n] of ``difference`` [n + 2 reach]. */
static void filter(const weights_t *w, const double *difference, const double *shares, int64_t n,
                   double *lost, double *scratch)
{
    int64_t size = 2 * w->reach;
    double *impulse = scratch, *taps = impulse + size, *room = taps + size + 2;
    bin *response = (bin *)(room + 2 * size);
    for (int64_t k = 0; k <= w->reach; k++)
        response[k] = (bin){w->band_of[k] < 0 ? 0.0 : shares[w->band_of[k]], 0.0};
    fft_inverse(w->filter_plan, response, impulse, room);
    for (int64_t k = 0; k <= size; k++) /* symmetric: backwards it is the same */
        taps[k] = impulse[(k + w->reach) % size] * w->taper[k];
    filtered(taps, size + 1, difference, n, lost);
}

static int is_any(const double *values, int64_t n)
{
    for (int64_t k = 0; k < n; k++)
        if (values[k] != 0.0)
            return 1;
    return 0;
}

/* What is left of the leaving sound [n] when its worn wall counts less, gliding from one state's
 * shares to the next one's. ``difference`` begins ``reach`` before it and ends as much after it.
 * Where one wall speaks alone already there is nothing to weigh. Returns 0 where nothing was
 * taken out, and ``left`` is not written. Scratch [3 (n + 2 reach) + 16 reach + 8]. */
EXPORT int64_t weights_take_out(const weights_t *w, const double *difference, const double *before,
                                const double *after, const double *sound, const mask *settled,
                                int64_t n, double *left, double *scratch)
{
    int64_t whole = n + 2 * w->reach, known = whole - w->reach;
    double *heard = scratch, *lost = heard + whole, *earlier = lost + whole, power = 0.0;
    double *room = earlier + whole;
    if (!is_any(before, w->bands) && !is_any(after, w->bands))
        return 0;
    memcpy(heard, difference, (size_t)whole * sizeof *heard);
    /* What comes later may be damaged: it counts as no louder than what was. */
    power = dot(heard, heard, known) / (double)known;
    double loudest = w->peak * sqrt(power);
    for (int64_t k = known; k < whole; k++)
        heard[k] = larger(smaller(heard[k], loudest), -loudest);
    filter(w, heard, after, n, lost, room);
    if (memcmp(before, after, (size_t)w->bands * sizeof *before)) {
        filter(w, heard, before, n, earlier, room);
        for (int64_t k = 0; k < n; k++)
            lost[k] = earlier[k] + (double)(k + 1) / (double)n * (lost[k] - earlier[k]);
    }
    for (int64_t k = 0; k < n; k++)
        left[k] = settled[k] ? sound[k] : sound[k] - lost[k];
    return 1;
}
