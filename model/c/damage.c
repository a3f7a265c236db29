/* What stands out in the whitened difference of the walls: damage, for the music is not in it. */
#include "walls.h"

/* Per sample what the difference is without damage: hiss, whose level is a median that damage of
 * half the time does not change, and what the pickup lets through of the music at that moment.
 * ``total`` [n + 1] is room. */
static void level_of(const joint_t *j, const double *music, int64_t n, double *level, double *total)
{
    const wall_rules_t *rules = j->rules;
    int64_t heard = 0, reach = rules->leak_reach;
    for (int64_t k = 0; k < j->levels; k++) {
        total[heard] = j->level[k];
        heard += j->level[k] > rules->silent;
    }
    double hiss = heard ? median_of(total, heard) : 0.0, leak = rules->leak * rules->leak;
    total[0] = 0.0;
    for (int64_t k = 0; k < n; k++)
        total[k + 1] = total[k] + music[k] * music[k];
    for (int64_t k = 0; k < n; k++) {
        int64_t low = later(k - reach, 0), high = sooner(k + reach + 1, n);
        double loud = larger(total[high] - total[low], 0.0) / (double)(high - low);
        level[k] = sqrt(hiss * hiss + leak * loud) + rules->silent;
    }
}

/* Sums of all values [n] before each; at either end, ``widest`` beyond, nothing is added. */
static double *summed(const double *values, int64_t n, double most, int64_t widest, double *room)
{
    double *total = room + widest;
    memset(room, 0, (size_t)(widest + 1) * sizeof *room);
    for (int64_t k = 0; k < n; k++)
        total[k + 1] = total[k] + smaller(values[k], most);
    for (int64_t k = 1; k <= widest; k++)
        total[n + k] = total[n];
    return total;
}

/* Power of how far each sample stands out, over one length after the other: 1 where it is damage.
 * Returns whether any is. A window half outside holds half the power. */
static int stands_out(const joint_t *j, const double *power, int64_t n, double *height,
                      double *room)
{
    const wall_rules_t *rules = j->rules;
    int64_t widest = rules->lengths[VIEWS - 1];
    const double *total = summed(power, n, INFINITY, widest, room);
    for (int64_t k = 0; k < n; k++)
        height[k] = power[k] / (rules->sigmas[0] * rules->sigmas[0]);
    for (int64_t view = 1; view < VIEWS; view++) {
        int64_t length = rules->lengths[view];
        double least = (double)length * rules->sigmas[view] * rules->sigmas[view];
        const double *low = total - length / 2, *high = low + length;
        for (int64_t k = 0; k < n; k++)
            height[k] = larger((high[k] - low[k]) / least, height[k]);
    }
    return highest(height, 0, n, 0.0) > 1.0;
}

/* What belongs to some damage. */
static void find_what_belongs(const joint_t *j, const double *power, int64_t n, mask *belongs,
                              double *room)
{
    const wall_rules_t *rules = j->rules;
    int64_t widest = rules->lengths[VIEWS - 1];
    const double *total = summed(power, n, rules->clipped * rules->clipped, widest, room);
    for (int64_t k = 0; k < n; k++)
        belongs[k] = power[k] > rules->belongs[0] * rules->belongs[0];
    for (int64_t view = 1; view < VIEWS; view++) {
        int64_t length = rules->lengths[view];
        double least = (double)length * rules->belongs[view] * rules->belongs[view];
        const double *low = total - length / 2, *high = low + length;
        for (int64_t k = 0; k < n; k++)
            belongs[k] |= high[k] - low[k] > least;
    }
}

/* Note the stretches that end behind the leaving hop's beginning; returns whether one of them
 * begins before its end. ``difference`` and ``music`` [n] are whitened, from ``begin`` on. */
EXPORT int64_t stretches_of_damage(joint_t *j, int64_t begin, int64_t n, const double *difference,
                                   const double *music)
{
    const wall_rules_t *rules = j->rules;
    int64_t last = j->total - j->latency, first = last - j->hop, reach = n - j->hiss_order;
    double *power = j->error, *total = j->heard, *height = j->height;
    int64_t is_due = 0, runs = 0;
    j->n_runs = 0;
    level_of(j, music, n, power, total);
    for (int64_t k = 0; k < n; k++) {
        double over = difference[k] / power[k];
        power[k] = over * over;
    }
    if (!stands_out(j, power, n, height, total))
        return 0;
    find_what_belongs(j, power, n, j->belongs, total);
    for (int64_t k = 0; k < reach;) {
        if (!j->belongs[k] || j->settled[begin + k]) {
            k++;
            continue;
        }
        int64_t start = k, end = k + 1;
        double top = 0.0;
        for (; k < reach && k - (end - 1) <= rules->bridge; k++)
            if (j->belongs[k] && !j->settled[begin + k]) {
                end = k + 1;
                top = larger(height[k], top);
            }
        if (!(top > 1.0))
            continue;
        start = later(begin + later(start - rules->pad, 0), first);
        end = begin + sooner(end + rules->pad, reach);
        if (end <= first)
            continue;
        j->starts[runs] = start;
        j->ends[runs++] = end;
        is_due |= start < last;
    }
    j->n_runs = runs;
    return is_due;
}
