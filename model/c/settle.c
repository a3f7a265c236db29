/* What is damaged in the leaving hop is restored; what comes later is looked around. */
#include "walls.h"

/* Note the places of all damage that is not settled, the newest samples' as well where it goes on
 * to the last of them; returns how many. */
static int64_t take_stock(joint_t *j, int goes_on)
{
    int64_t n = 0;
    for (int64_t run = 0; run < j->n_runs; run++) {
        int64_t end = goes_on && run == j->n_runs - 1 ? j->total : j->ends[run];
        for (int64_t k = j->starts[run]; k < end; k++)
            if (!j->settled[k])
                j->index[n++] = k;
    }
    return n;
}

/* The power of the hiss's innovation, as heard before ``end``: what is new may be all damage. */
static double innovation_before(const joint_t *j, const predictor_t *p, int64_t end)
{
    const double *past = j->hiss + end - j->rules->past + p->order;
    double *error = j->scratch;
    errors_of(p, past, j->rules->past, error);
    for (int64_t k = 0; k < j->rules->past; k++)
        error[k] = fabs(error[k]);
    double sigma = median_of(error, j->rules->past) * j->rules->median_to_sigma;
    return sigma * sigma + j->rules->silent * j->rules->silent;
}

/* The scar's power around one sample, under the window that evens it. */
static double power_around(const double *scar, const double *shape, int64_t at, int64_t total)
{
    int64_t half = SCAR_SHAPE / 2, from = later(at - half, 0), to = sooner(at + half + 1, total);
    double sum = 0.0;
    for (int64_t k = from; k < to; k++)
        sum += shape[k - at + half] * scar[k] * scar[k];
    return sum;
}

/* Make ``calm`` of the difference, and ``scar`` of what is taken out of it, at n places.
 *
 * First as its surroundings foretell it; what then differs by no more than hiss is hiss after all,
 * and stays: each sample leans on what was heard as far as little is damaged there. */
static void take_out(joint_t *j, const predictor_t *p, int64_t n, int64_t begin)
{
    const wall_rules_t *rules = j->rules;
    double innovation = innovation_before(j, p, begin);
    double *field = j->scratch, *target = field + n;
    memcpy(j->calm, j->hiss, (size_t)j->total * sizeof *j->calm);
    memset(j->calm + j->total, 0, (size_t)p->order * sizeof *j->calm);
    memset(j->scar, 0, (size_t)j->total * sizeof *j->scar);
    for (int64_t k = 0; k < n; k++)
        j->calm[j->index[k]] = 0.0;
    for (int64_t k = 0; k < n; k++) {
        field[k] = field_at(j->calm, p->gram, p->order, j->index[k]);
        target[k] = -field[k];
    }
    int64_t stride = gap_bands(p->gram, p->order, j->index, n, j->bands, j->reach);
    gap_solve(j->bands, n, stride, j->reach, target);
    for (int64_t k = 0; k < n; k++)
        j->scar[j->index[k]] = j->difference[j->index[k]] - target[k];
    stride = gap_bands(p->gram, p->order, j->index, n, j->bands, j->reach);
    for (int64_t k = 0; k < n; k++) {
        int64_t at = j->index[k];
        double variance = power_around(j->scar, rules->scar_shape, at, j->total);
        variance = larger(variance - rules->doubt * innovation, rules->least_damage * innovation);
        double ridge = innovation / variance;
        j->bands[k * stride] += ridge;
        target[k] = -field[k] + ridge * j->difference[at];
    }
    gap_solve(j->bands, n, stride, j->reach, target);
    for (int64_t k = 0; k < n; k++) {
        j->calm[j->index[k]] = target[k];
        j->scar[j->index[k]] = j->difference[j->index[k]] - target[k];
    }
}

/* The music without its damage, roughly: straight lines, and a fading end. */
static void guess_music(joint_t *j, int goes_on, double *music)
{
    int64_t begin = j->total - j->memory;
    memcpy(music, j->sound + begin, (size_t)j->memory * sizeof *music);
    for (int64_t run = 0; run < j->n_runs; run++) {
        int64_t a = j->starts[run] - begin, n = j->ends[run] - j->starts[run];
        double from = music[a - 1], to = music[a + n], step = n > 1 ? (to - from) / (n - 1) : 0.0;
        for (int64_t k = 0; k < n; k++)
            music[a + k] = from + (double)k * step;
    }
    if (goes_on) {
        int64_t a = j->starts[j->n_runs - 1] - begin;
        double last = music[a - 1], fades = exp(-1.0 / (double)j->music_order);
        for (int64_t k = a; k < j->memory; k++, last *= fades)
            music[k] = last;
    }
}

/* Mean of the errors' power where it is known; 0 where that are fewer than ``least``. */
static double mean_known(const double *error, const mask *known, int64_t from, int64_t to,
                         int64_t least)
{
    double power = 0.0;
    int64_t count = 0;
    for (int64_t k = from; k < to; k++) {
        power += known[k] ? error[k] : 0.0;
        count += known[k];
    }
    return count >= least ? power / (double)later(count, 1) : 0.0;
}

/* The level of the music's innovation beside each run, before or after it, the louder; where next
 * to nothing is known there, everywhere. The memory is ``music`` [memory], ``sigma`` [runs]. */
static void levels_beside(joint_t *j, const predictor_t *p, const double *music, double *sigma)
{
    int64_t begin = j->total - j->memory, side = j->rules->side;
    int64_t from = later(j->starts[0] - begin - side, 0), done = from;
    int64_t to = sooner(j->starts[j->n_runs - 1] - begin + side, j->memory);
    memset(j->known, 1, (size_t)j->memory);
    for (int64_t run = 0; run < j->n_runs; run++) {
        int64_t a = j->starts[run] - begin, b = j->ends[run] - begin + p->order / 2;
        memset(j->known + a, 0, (size_t)(sooner(b, j->memory) - a));
    }
    errors_of(p, music + from, to - from, j->error + from);
    for (int64_t k = from; k < to; k++)
        j->error[k] *= j->error[k];
    for (int64_t run = 0; run < j->n_runs; run++) {
        int64_t at = j->starts[run] - begin, low = later(at - side, 0);
        int64_t high = sooner(at + side, j->memory);
        double before = mean_known(j->error, j->known, low, at, side / 4);
        double power = larger(before, mean_known(j->error, j->known, at, high, side / 4));
        if (!(power > 0.0)) {
            if (done > 0) {
                errors_of(p, music, j->memory, j->error);
                for (int64_t k = 0; k < j->memory; k++)
                    j->error[k] *= j->error[k];
                done = 0;
            }
            power = mean_known(j->error, j->known, 0, j->memory, 1);
        }
        sigma[run] = sqrt(power) + j->rules->silent;
    }
}

/* Restore what begins in the leaving hop; returns how many verdicts were acted upon. */
EXPORT int64_t joint_settle(joint_t *j, double *verdicts)
{
    const wall_rules_t *rules = j->rules;
    int64_t last = j->total - j->latency, first = last - j->hop;
    int64_t limit = j->total - j->music_order - 1, runs = 0, acted = 0;
    predictor_t p;
    for (int64_t run = 0; run < j->n_runs && j->starts[run] < limit; run++) {
        j->ends[run] = sooner(j->ends[run], limit);
        runs++;
    }
    j->n_runs = runs;
    int goes_on = j->ends[runs - 1] > limit - rules->bridge; /* the newest are damaged as well */
    memcpy(p.coefficients, j->coefficients, (size_t)(j->hiss_order + 1) * sizeof *p.coefficients);
    memcpy(p.gram, j->gram, (size_t)(j->hiss_order + 1) * sizeof *p.gram);
    p.order = j->hiss_order;
    for (int64_t k = 0; k <= p.order; k++)
        p.reversed[k] = p.coefficients[p.order - k];
    take_out(j, &p, take_stock(j, goes_on), first - 2 * p.order);
    for (int64_t k = 0; k < j->total; k++)
        j->heard[k] = j->told[k] = j->settled[k] ? j->sound[k] : j->mean[k];
    double *music = j->music + j->music_order, *sigma = j->height;
    memset(j->music, 0, (size_t)j->music_order * sizeof *music);
    guess_music(j, goes_on, music);
    predictor_of(&p, j->music_plan, music, j->window, j->memory, j->music_order, j->floor,
                 j->scratch);
    levels_beside(j, &p, music, sigma);
    witness_decide(j, &p, sigma, verdicts);
    for (int64_t run = 0; run < runs; run++) {
        const double *told = verdicts + run * FIGURES;
        int64_t start = j->starts[run], end = j->ends[run];
        int is_rebuilt = told[3] != 0.0;
        double demanded = rules->least_gain;
        if (is_rebuilt)
            demanded += rules->freedom * (double)(end - start);
        /* Not ``<``: what is no number is no gain. */
        if (start >= last || !(told[4] >= demanded) || !(told[5] >= rules->least_weight))
            continue;
        if (end == limit)
            end = later(last, start);
        double share = 0.5 + 0.5 * told[2];
        for (int64_t k = start; k < end; k++) {
            j->sound[k] = j->told[k];
            j->hiss[k] = j->calm[k];
            j->settled[k] = 1;
            j->left[k] = is_rebuilt ? 1.0 : share;
            j->right[k] = is_rebuilt ? 1.0 : 1.0 - share;
        }
        double *kept = verdicts + acted++ * FIGURES;
        memmove(kept, told, FIGURES * sizeof *kept);
        kept[0] = (double)(start - first);
        kept[1] = (double)(end - first);
    }
    return acted;
}
