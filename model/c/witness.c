/* Which wall tells the truth where they differ: the one that explains the music better.
 *
 * With the difference known to be a scar, the mean holds half of it where the left wall is damaged,
 * minus half where the right one is, and something else where both are. The music's predictor says
 * how much of it is in there. */
#include "walls.h"

/* One stretch that is decided on: [start, end), n samples. */
typedef struct {
    const joint_t *j;
    const predictor_t *p;
    int64_t start, end, n;
    double power;         /* of the innovation */
    const double *scar;   /* [n] */
    double *spread;       /* [n + order] the scar's part in the prediction error */
    double *around, *error, *room; /* [n + 2 order], [n + order], what else is needed */
} stretch_t;

static double energy_of(const double *values, int64_t n) { return dot(values, values, n); }

/* Prediction errors [n + order] of the told sound with something else in the middle [n]. */
static void errors_around(const stretch_t *s, const double *middle)
{
    int64_t order = s->p->order;
    const double *told = s->j->told;
    memcpy(s->around, told + s->start - order, (size_t)order * sizeof *told);
    memcpy(s->around + order, middle, (size_t)s->n * sizeof *told);
    memcpy(s->around + order + s->n, told + s->end, (size_t)order * sizeof *told);
    errors_of(s->p, s->around + order, s->n + order, s->error);
}

/* The scar through the predictor, as if there were silence around it. */
static void spread_scar(const stretch_t *s)
{
    int64_t order = s->p->order;
    memset(s->around, 0, (size_t)(s->n + 2 * order) * sizeof *s->around);
    memcpy(s->around + order, s->scar, (size_t)s->n * sizeof *s->around);
    errors_of(s->p, s->around + order, s->n + order, s->spread);
}

static stretch_t stretch_of(joint_t *j, const predictor_t *p, int64_t run, double sigma)
{
    int64_t start = j->starts[run], end = j->ends[run], n = end - start, order = p->order;
    double *room = j->scratch;
    stretch_t s = {j, p, start, end, n, sigma * sigma, j->scar + start, room, 0, 0, 0};
    s.around = s.spread + n + order;
    s.error = s.around + n + 2 * order;
    s.room = s.error + n + order;
    spread_scar(&s);
    return s;
}

/* Take out of the told sound what is surely the one wall's damage: -1 the right one's, 1 the left
 * one's, sample by sample where it is long. Returns the mean. */
static double tell_walls_apart(const stretch_t *s)
{
    int64_t n = s->n, order = s->p->order, half = s->j->rules->window / 2;
    double *told = s->j->told + s->start, *total = s->room, sum = 0.0;
    errors_of(s->p, s->j->heard + s->start, n + order, s->error);
    total[0] = 0.0;
    for (int64_t k = 0; k < n + order; k++)
        total[k + 1] = total[k] + s->error[k] * s->spread[k] / s->power;
    double whole = tanh(0.5 * total[n + order]);
    for (int64_t k = 0; k < n; k++) {
        double share = whole;
        if (n > s->j->rules->window)
            share = tanh(0.5 * (total[sooner(k + half, n + order)] - total[later(k - half, 0)]));
        sum += share;
        told[k] -= 0.5 * share * s->scar[k];
    }
    return sum / (double)n;
}

/* Power of what both walls may hold beside their difference, [n]; returns the price of it. */
static double doubt_both(const stretch_t *s, double *variance)
{
    const wall_rules_t *rules = s->j->rules;
    int64_t half = WALL_SHAPE / 2, n = s->n;
    double unit = s->power / s->p->gram[0], most = 0.0, price = 0.0;
    for (int64_t k = 0; k < n; k++) {
        double sum = 0.0;
        for (int64_t i = later(k - half, 0); i < sooner(k + half + 1, n); i++)
            sum += rules->wall_shape[i - k + half] * s->scar[i] * s->scar[i];
        variance[k] = 0.25 * rules->wider * sum;
        most = larger(variance[k], most);
    }
    double least = larger(rules->least * rules->least * most, rules->least * unit);
    for (int64_t k = 0; k < n; k++) {
        variance[k] = larger(variance[k], least);
        price += log1p(variance[k] / unit);
    }
    return price;
}

/* Rebuild the stretch as likely as can be near a guess [n], which becomes it; returns how unlikely
 * that is. ``bands`` are factored, with ``ridge`` [n] in them. */
static double rebuild(const stretch_t *s, double *guess, const double *ridge, int64_t stride,
                      double *change)
{
    int64_t n = s->n, order = s->p->order;
    double cost = 0.0;
    errors_around(s, guess);
    for (int64_t k = 0; k < n; k++)
        change[k] = -field_at(s->around, s->p->gram, order, order + k);
    gap_substitute(s->j->bands, n, stride, s->j->reach, change);
    for (int64_t k = 0; k < n; k++) {
        guess[k] += change[k];
        cost += ridge[k] * change[k] * change[k];
    }
    errors_around(s, guess);
    return cost + energy_of(s->error, n + order);
}

/* Take out what both walls have, and say whether there was any.
 *
 * Explanations are weighed by their evidence: what an explanation could have explained as well
 * counts against it (the determinant of a Gaussian's variance). The same scar on both walls is a
 * multiple of their difference; two scars of their own say nothing of their mean. */
static int mend(const stretch_t *s)
{
    const wall_rules_t *rules = s->j->rules;
    int64_t n = s->n, order = s->p->order, *index = s->j->index;
    const double *mean = s->j->heard + s->start;
    double *told = s->j->told + s->start;
    double *ridge = s->room, *first = ridge + n, *second = first + n, *change = second + n;
    if (n > rules->longest)
        return 0;
    errors_around(s, told);
    double best = energy_of(s->error, n + order) / s->power;
    if (best < rules->both * (double)(n + order))
        return 0;
    double price = doubt_both(s, ridge);
    errors_around(s, mean);
    double energy = energy_of(s->spread, n + order) + 1e-30;
    double factor = dot(s->error, s->spread, n + order) / energy;
    double dear = log1p(energy / s->power) + 2.0;
    for (int64_t k = 0; k < n; k++) {
        ridge[k] = s->power / ridge[k];
        first[k] = mean[k];
        second[k] = mean[k] - factor * s->scar[k];
        index[k] = k;
    }
    int64_t stride = gap_bands(s->p->gram, order, index, n, s->j->bands, s->j->reach);
    for (int64_t k = 0; k < n; k++)
        s->j->bands[k * stride] += ridge[k];
    if (!gap_factor(s->j->bands, n, stride, s->j->reach))
        return 0;
    double near = rebuild(s, first, ridge, stride, change) / s->power + price;
    double apart = rebuild(s, second, ridge, stride, change) / s->power + price + dear;
    const double *chosen = near < best ? first : NULL;
    if (apart < smaller(near, best))
        chosen = second;
    if (chosen)
        memcpy(told, chosen, (size_t)n * sizeof *told);
    return chosen != NULL;
}

/* How much of the prediction error is gone, in innovations, and what the difference weighs in it. */
static void measure_gain(const stretch_t *s, double *verdict)
{
    int64_t n = s->n, order = s->p->order;
    errors_around(s, s->j->heard + s->start);
    double before = energy_of(s->error, n + order);
    errors_around(s, s->j->told + s->start);
    verdict[4] = (before - energy_of(s->error, n + order)) / s->power;
    verdict[5] = 0.25 * energy_of(s->spread, n + order) / larger(before, 1e-30);
}

/* Decide on all stretches, none within the predictor's order of either end: the told sound is then
 * without their damage. ``sigma`` [runs] is the level of the innovation beside each. */
EXPORT void witness_decide(joint_t *j, const predictor_t *p, const double *sigma, double *verdicts)
{
    for (int64_t run = 0; run < j->n_runs; run++) {
        stretch_t s = stretch_of(j, p, run, sigma[run]);
        verdicts[run * FIGURES] = (double)s.start;
        verdicts[run * FIGURES + 1] = (double)s.end;
        verdicts[run * FIGURES + 2] = tell_walls_apart(&s);
    }
    for (int64_t run = 0; run < j->n_runs; run++) {
        stretch_t s = stretch_of(j, p, run, sigma[run]);
        verdicts[run * FIGURES + 3] = mend(&s);
    }
    for (int64_t run = 0; run < j->n_runs; run++) {
        stretch_t s = stretch_of(j, p, run, sigma[run]);
        measure_gain(&s, verdicts + run * FIGURES);
    }
}
