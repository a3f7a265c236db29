/* What the denoiser does around its network: hears frames, and takes out what it was told to. */
#include "core.h"

#define MOST_LEVELS 32

/* Spectra of the newest sound [channels][n] behind its history, and what is to become of each.
 *
 * ``spectra`` [frames][channels][bins] complex, ``parts`` the same as real and imaginary parts, as
 * networks take them, of each [2][bins]. ``moves`` and ``landed`` [frames][channels] say whether
 * the frame is remembered, and whether a needle landed with it: between two cuts there is no
 * record, and what is known of its hiss must outlast the silence. ``dry`` [channels][n] is the
 * sound as late as the denoiser is. Returns whether all move on and nothing has landed.
 * Scratch [5 window + n + 2]. */
EXPORT int64_t denoise_listen(const frames_t *f, const float *history, const float *sound,
                              int64_t channels, int64_t n, float *spectra, float *parts,
                              const heard_t *next, mask *moves, mask *landed, float *dry,
                              double *scratch)
{
    int64_t window = (int64_t)f->plan[0], bins = window / 2 + 1, kept = window - f->hop;
    int64_t is_plain = 1;
    spectra_of(f->plan, f->before, history, sound, channels, n, f->hop, spectra, next->history,
               scratch);
    for (int64_t row = 0; row < n / f->hop * channels; row++)
        for (int64_t k = 0; k < bins; k++) {
            parts[2 * bins * row + k] = spectra[2 * (bins * row + k)];
            parts[2 * bins * row + bins + k] = spectra[2 * (bins * row + k) + 1];
        }
    for (int64_t c = 0; c < channels; c++) {
        const float *before = history + c * kept + kept - f->latency, *came = sound + c * n;
        int64_t early = sooner(f->latency, n);
        memcpy(dry + c * n, before, (size_t)early * sizeof *dry);
        memcpy(dry + c * n + early, came, (size_t)(n - early) * sizeof *dry);
        float *rows = next->landing + c * LANDING_ROWS * f->bands;
        for (int64_t frame = 0; frame < n / f->hop; frame++) {
            int64_t at = frame * channels + c;
            float now[MOST_LEVELS], peaked[MOST_LEVELS] = {0};
            float was[LANDING_ROWS * MOST_LEVELS], peak = 0.0f;
            float high = next->high[c];
            size_t size = (size_t)(LANDING_ROWS * f->bands) * sizeof *was;
            for (int64_t k = 0; k < f->hop; k++) {
                float x = fabsf(came[frame * f->hop + k]);
                peak = x > peak ? x : peak;
            }
            next->sounding[c] = peak < (float)f->silence ? 0 : next->sounding[c] + 1;
            moves[at] = next->sounding[c] >= f->window_hops;
            memcpy(was, rows, size);
            const float *spectrum = spectra + 2 * bins * at;
            spectra_levels(spectrum, 1, bins, f->edges, f->bands, now);
            if (high > 0.0f) /* is rarely asked for */
                spectra_peaked(spectrum, bins, f->edges, f->bands, peaked);
            landed[at] =
                needle_landed(now, peaked, f->bands, f->landing, rows, next->high + c) != 0;
            if (!moves[at]) {
                memcpy(rows, was, size);
                next->high[c] = high;
                landed[at] = 0;
            }
            is_plain &= moves[at] && !landed[at];
        }
    }
    return is_plain;
}

/* Complex spectra [rows][bins] of their real and imaginary parts [rows][2][bins]. */
EXPORT void denoise_told(const float *parts, int64_t rows, int64_t bins, float *spectra)
{
    for (int64_t row = 0; row < rows; row++)
        for (int64_t k = 0; k < bins; k++) {
            spectra[2 * (bins * row + k)] = parts[2 * bins * row + k];
            spectra[2 * (bins * row + k) + 1] = parts[2 * bins * row + bins + k];
        }
}

/* Take out of the delayed sound what its spectra have more than ``target``, as
 * ``spectra_taken_out``; nothing new where that is NULL, whatever the network says.
 *
 * ``restored`` [channels][frames hop] is the delayed sound before; ``tail`` and ``next`` are those
 * of ``spectra_sounded``. Scratch [5 window + 2 + frames channels (2 bins + hop)]. */
EXPORT void denoise_take_out(const frames_t *f, const float *spectra, const float *target,
                             double floor, double share, const float *tail, int64_t channels,
                             int64_t frames, float *restored, float *next, double *scratch)
{
    int64_t window = (int64_t)f->plan[0], bins = window / 2 + 1, rows = frames * channels;
    float *taken = (float *)(scratch + 5 * window + 2), *removed = taken + 2 * rows * bins;
    if (target)
        spectra_taken_out(spectra, target, rows * bins, floor, share, taken);
    else
        memset(taken, 0, (size_t)(2 * rows * bins) * sizeof *taken);
    spectra_sounded(f->plan, f->after, taken, tail, channels, frames, f->span, f->hop, removed,
                    next, scratch);
    for (int64_t k = 0; k < rows * f->hop; k++)
        restored[k] -= removed[k];
}
