/* Recursive filters. */
#include "core.h"

/* Filter samples [channels][n] in place by second-order sections [count][6] in a row, in the
 * transposed direct form II; a0 of each is 1. ``state`` [count][channels][2] becomes the next. */
EXPORT void sections_filter(const double *sections, int64_t count, double *samples,
                            int64_t channels, int64_t n, double *state)
{
    for (int64_t at = 0; at < count; at++) {
        const double *c = sections + 6 * at;
        double b0 = c[0], b1 = c[1], b2 = c[2], a1 = c[4], a2 = c[5];
        for (int64_t channel = 0; channel < channels; channel++) {
            double *x = samples + channel * n, *held = state + 2 * (at * channels + channel);
            double first = held[0], second = held[1];
            for (int64_t k = 0; k < n; k++) {
                double in = x[k], out = b0 * in + first;
                first = b1 * in - a1 * out + second;
                second = b2 * in - a2 * out;
                x[k] = out;
            }
            held[0] = first;
            held[1] = second;
        }
    }
}
