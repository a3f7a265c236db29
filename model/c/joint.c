/* From two walls to one sound: one hop taken in, looked at, and what is damaged settled. */
#include "walls.h"

EXPORT int64_t joint_size(void) { return sizeof(joint_t); }
EXPORT int64_t wall_rules_size(void) { return sizeof(wall_rules_t); }

/* Fit a predictor to a frame [n] under its window; ``plan`` is for n + order samples or more. */
void predictor_of(predictor_t *p, const double *plan, const double *frame, const double *window,
                  int64_t n, int64_t order, double floor, double *scratch)
{
    double correlation[MOST_ORDER + 1];
    p->order = order;
    ar_moments(plan, frame, window, n, order, 0, 0, correlation, scratch);
    ar_predictor(correlation, order, floor, p->coefficients, p->gram);
    for (int64_t k = 0; k <= order; k++)
        p->reversed[k] = p->coefficients[order - k];
}

/* Each of n samples is the sum of as many that begin there, weighed by ``taps``. Eight at a time:
 * their sums do not wait for each other. */
void filtered(const double *taps, int64_t length, const double *samples, int64_t n, double *out)
{
    int64_t k = 0;
    for (; k + 8 <= n; k += 8) {
        double sums[8] = {0.0};
        for (int64_t i = 0; i < length; i++)
            for (int64_t q = 0; q < 8; q++)
                sums[q] += taps[i] * samples[k + i + q];
        memcpy(out + k, sums, sizeof sums);
    }
    for (; k < n; k++)
        out[k] = dot(taps, samples + k, length);
}

/* Prediction errors [n] of samples [n], before which lie as many as the predictor's order. */
void errors_of(const predictor_t *p, const double *samples, int64_t n, double *error)
{
    filtered(p->reversed, p->order + 1, samples - p->order, n, error);
}

/* The newest samples behind the older ones; returns whether the walls differ at all. */
static int shift_in(joint_t *j, const double *walls, const double *samples, const mask *settled)
{
    int64_t n = j->hop, kept = j->total - n;
    double *rows[] = {j->mean, j->sound, j->difference, j->hiss, j->left, j->right};
    for (int64_t row = 0; row < 6; row++)
        memcpy(rows[row], samples + row * j->total + n, (size_t)kept * sizeof *samples);
    memcpy(j->settled, settled + n, (size_t)kept);
    memset(j->settled + kept, 0, (size_t)n);
    memset(j->left + kept, 0, (size_t)n * sizeof *j->left);
    memset(j->right + kept, 0, (size_t)n * sizeof *j->right);
    const double *left = walls, *right = walls + n;
    for (int64_t k = 0; k < n; k++) {
        j->mean[kept + k] = j->sound[kept + k] = 0.5 * (left[k] + right[k]);
        j->difference[kept + k] = j->hiss[kept + k] = left[k] - right[k];
    }
    int differ = 0;
    for (int64_t k = 0; k < j->total; k++)
        differ |= j->hiss[k] != 0.0;
    return differ;
}

/* Fit the difference's predictor anew, and see how it whitens. */
static void fit(joint_t *j, int64_t first)
{
    int64_t size = (int64_t)j->white_plan[0];
    double correlation[MOST_ORDER + 1], *energy = j->scratch + 6 * size;
    ar_moments(j->hiss_plan, j->hiss + first - j->memory, j->window, j->memory, j->hiss_order, 0, 0,
               correlation, j->scratch);
    ar_predictor(correlation, j->hiss_order, j->floor, j->coefficients, j->gram);
    ar_spectra(j->white_plan, j->coefficients, j->hiss_order, energy, j->gain, j->scratch);
}

/* Whiten samples [n] without delay, by the magnitude of the predictor's response, in place of
 * ``white`` [size]; scratch [3 size + 2]. */
static void whiten(const joint_t *j, const double *samples, int64_t n, double *white,
                   double *scratch)
{
    int64_t size = (int64_t)j->white_plan[0];
    bin *spectrum = (bin *)(scratch + 2 * size);
    memcpy(white, samples, (size_t)n * sizeof *white);
    memset(white + n, 0, (size_t)(size - n) * sizeof *white);
    fft_forward(j->white_plan, white, spectrum, scratch);
    for (int64_t k = 0; k <= size / 2; k++)
        spectrum[k] = (bin){spectrum[k].re * j->gain[k], spectrum[k].im * j->gain[k]};
    fft_inverse(j->white_plan, spectrum, white, scratch);
}

/* The newest blocks' medians behind the older ones'. */
static void note_levels(joint_t *j, const double *old, const double *white, int64_t n,
                        double *scratch)
{
    int64_t fresh = j->hop / BLOCK, kept = later(j->levels - fresh, 0);
    memcpy(j->level, old + j->levels - kept, (size_t)kept * sizeof *old);
    for (int64_t k = 0; k < j->levels - kept; k++) {
        const double *block = white + n - (j->levels - kept - k) * BLOCK;
        for (int64_t i = 0; i < BLOCK; i++)
            scratch[i] = fabs(block[i]);
        j->level[kept + k] = nth_of(scratch, BLOCK, BLOCK / 2) * j->rules->median_to_sigma;
    }
}

/* Take in aligned walls [2][hop]: the state's rows [6][total], what of them is settled, and the
 * levels as they were; the new ones are where ``j`` says. ``is_due`` asks for a new predictor.
 *
 * Returns how many ``verdicts`` [][FIGURES] there are, counted from the leaving hop on; -1 if the
 * walls are one wall twice, and nothing was looked at. */
EXPORT int64_t joint_step(joint_t *j, const double *walls, const double *samples,
                          const mask *settled, const double *level, int64_t is_due,
                          double *verdicts)
{
    int64_t last = j->total - j->latency, first = last - j->hop;
    int64_t begin = first - j->before, n = j->total - begin, size = (int64_t)j->white_plan[0];
    double *difference = j->scratch, *music = difference + size, *room = music + size;
    if (!shift_in(j, walls, samples, settled))
        return -1;
    if (is_due)
        fit(j, first);
    whiten(j, j->hiss + begin, n, difference, room);
    whiten(j, j->sound + begin, n, music, room);
    note_levels(j, level, difference, n, room);
    if (!stretches_of_damage(j, begin, n, difference, music))
        return 0;
    return joint_settle(j, verdicts);
}
