/* The walls brought to one time, level and sign; and which of them carries music at all. */
#include "walls.h"

/* Bring walls [2][n] to where they stand, behind their history [2][2 latency].
 *
 * ``taps`` [2][2 + 2 latency + 1]: for each wall how many samples before its filter begins, how
 * long it is, and its taps backwards; NULL where both stay in their place. ``heard`` has a bit for
 * each wall that is; the other one speaks for both. ``next`` is the history of what comes after.
 * Scratch [2 latency + n]. */
EXPORT void walls_brought(const double *history, const double *walls, int64_t n, int64_t latency,
                          const double *taps, const double *gains, int64_t heard, double *brought,
                          double *next, double *scratch)
{
    int64_t kept = 2 * latency;
    for (int64_t wall = 0; wall < 2; wall++) {
        double *samples = scratch, *out = brought + wall * n;
        memcpy(samples, history + wall * kept, (size_t)kept * sizeof *samples);
        memcpy(samples + kept, walls + wall * n, (size_t)n * sizeof *samples);
        memcpy(next + wall * kept, samples + n, (size_t)kept * sizeof *samples);
        if (taps) {
            const double *its = taps + wall * (kept + 3);
            filtered(its + 2, (int64_t)its[1], samples + (int64_t)its[0], n, out);
        } else {
            memcpy(out, samples + latency, (size_t)n * sizeof *out);
        }
        if (gains[0] != 1.0 || gains[1] != 1.0)
            for (int64_t k = 0; k < n; k++)
                out[k] *= gains[wall];
    }
    if (heard == 1)
        memcpy(brought + n, brought, (size_t)n * sizeof *brought);
    if (heard == 2)
        memcpy(brought, brought + n, (size_t)n * sizeof *brought);
}

/* How much each wall moves from group to group, in walls [2][n] of whole stretches of groups.
 *
 * ``last`` and ``next`` [2] are the means of the groups before and at the end; ``levels`` [2] the
 * means of the logarithms of the stretches that sound on either wall. Returns how many do. */
EXPORT int64_t walls_living(const double *walls, int64_t n, int64_t group, int64_t stretch,
                            double floor, const double *last, double *next, double *levels)
{
    int64_t sounding = 0, groups = stretch / group;
    levels[0] = levels[1] = 0.0;
    next[0] = last[0];
    next[1] = last[1];
    for (int64_t at = 0; at + stretch <= n; at += stretch) {
        double moved[2] = {0.0, 0.0};
        for (int64_t wall = 0; wall < 2; wall++)
            for (int64_t k = 0; k < groups; k++) {
                const double *samples = walls + wall * n + at + k * group;
                double mean = 0.0;
                for (int64_t i = 0; i < group; i++)
                    mean += samples[i];
                mean /= (double)group;
                moved[wall] += (mean - next[wall]) * (mean - next[wall]) / (double)groups;
                next[wall] = mean;
            }
        if (!(larger(moved[0], moved[1]) > floor))
            continue;
        sounding++;
        for (int64_t wall = 0; wall < 2; wall++)
            levels[wall] += log(moved[wall] + floor);
    }
    for (int64_t wall = 0; wall < 2 && sounding; wall++)
        levels[wall] /= (double)sounding;
    return sounding;
}
