/* What the declicker does: open what stands out, rebuild it, find its edges. */
#include "core.h"

#define SMOOTH 15 /* samples of the neighbourhood that sizes the damage */

/* Begin a repair: note how high each sample stands above the music before it. */
EXPORT void desk_begin(desk_t *d)
{
    memcpy(d->height_above, d->upper, (size_t)d->end * sizeof *d->upper);
    desk_take_stock(d);
}

/* Whether anything that is under repair reaches into the leaving hop. */
EXPORT int64_t desk_is_any_open_in_hop(const desk_t *d)
{
    for (int64_t k = d->first; k < d->last; k++)
        if (d->unknown[k] && !d->settled[k])
            return 1;
    return 0;
}

EXPORT int64_t desk_size(void) { return sizeof(desk_t); }

/* Note what is under repair and not settled, and where its runs lie. */
EXPORT void desk_take_stock(desk_t *d)
{
    int64_t n = 0, runs = 0;
    for (int64_t k = d->first; k < d->end; k++) {
        if (!d->unknown[k] || d->settled[k])
            continue;
        if (n == 0 || d->index[n - 1] != k - 1)
            d->starts[runs++] = k;
        d->ends[runs - 1] = k + 1;
        d->index[n++] = k;
    }
    d->n_open = n;
    d->n_runs = runs;
    d->has_field = 0;
}

/* Least squares over all open samples together, each leaning on its input by a share of its ridge.
 *
 * ``is_anew`` where the field at these samples is not known from the last time. Returns 0 where
 * that is numerically singular, and nothing was changed. */
int64_t solve_open(desk_t *d, const double *gram, double share, int64_t is_anew)
{
    int64_t n = d->n_open, stride, solved;
    double *change = d->scratch, *bands = d->bands;
    if (n == 0)
        return 1;
    stride = gap_bands(gram, d->order, d->index, n, bands, d->reach);
    for (int64_t k = 0; k < n; k++) {
        int64_t at = d->index[k];
        double ridge = share * d->ridge[at];
        if (is_anew)
            d->field[k] = field_at(d->clean, gram, d->order, at);
        bands[k * stride] += ridge;
        change[k] = -d->field[k] - ridge * (d->clean[at] - d->raw[at]);
    }
    solved = gap_solve(bands, n, stride, d->reach, change);
    for (int64_t k = 0; k < n; k++) {
        int64_t at = d->index[k];
        d->clean[at] += change[k];
        /* Known without another look: there the ridge's pull balances it. */
        d->field[k] = -share * d->ridge[at] * (d->clean[at] - d->raw[at]);
    }
    d->is_fresh = d->has_level = 0;
    return solved;
}

/* Rebuild all open samples; elsewhere the views have to be taken anew. */
EXPORT int64_t desk_rebuild(desk_t *d)
{
    int64_t solved = solve_open(d, d->gram, 1.0, !d->has_field);
    d->has_field = 1;
    return solved;
}

/* Give a stretch its input samples back. */
void give_back(desk_t *d, int64_t start, int64_t end)
{
    for (int64_t k = start; k < end; k++) {
        d->clean[k] = d->raw[k];
        d->unknown[k] = d->above[k] = 0;
        d->ridge[k] = 0.0;
    }
    if (start < end)
        d->is_fresh = d->has_level = 0;
}

typedef struct {
    int64_t start, end, n_new;
    double top;
    int holds_open, is_above;
} suspect_t;

/* Whether a suspect shows above the music, high enough for its length. */
static int stands_above(const desk_t *d, int64_t start, int64_t end)
{
    int64_t length = end - start;
    if (length > d->longest + 2 * d->rules->pad)
        return 0;
    double demand = d->limit * larger((double)length / d->long_upper, 1.0);
    double ratio = highest(d->upper, start, end, 0.0) / demand;
    return voted(d, ratio, highest_vote(d, d->vote_above, start, end)) > 1.0;
}

/* What stands out and is no part of anything settled, from ``from`` on; 0 if nothing is left. */
static int next_suspect(const desk_t *d, int64_t from, suspect_t *s, double *top_height)
{
    int has_band = isfinite(d->limit), found = 0;
    for (int64_t k = from; k < d->end; k++) {
        int is_open = d->unknown[k] && !d->settled[k];
        int is_high = is_open || d->height[k] > d->rules->low ||
                      (has_band && d->upper[k] > d->rules->low);
        if (!is_high || d->settled[k])
            continue;
        if (found && k - (s->end - 1) > d->rules->bridge)
            break;
        if (!found) {
            *s = (suspect_t){.start = k};
            *top_height = 0.0;
            found = 1;
        }
        s->end = k + 1;
        s->top = larger(d->ratio[k], s->top);
        s->holds_open |= is_open;
        *top_height = larger(d->height[k], *top_height);
    }
    return found;
}

/* Open what stands out, the strongest first; returns whether anything was added. */
EXPORT int64_t desk_open_suspects(desk_t *d)
{
    const rules_t *rules = d->rules;
    suspect_t *chosen = (suspect_t *)d->scratch, s;
    int64_t n = 0, budget = rules->most_open - d->n_open, opened = 0;
    double top_height;
    find_ratio(d);
    for (int64_t from = d->first; next_suspect(d, from, &s, &top_height); from = s.end) {
        int64_t end = s.end;
        /* What is still to come waits for its turn, unless it is strong enough to mislead. */
        int is_due = s.top > (s.start >= d->last ? rules->strong : 1.0);
        if (is_due || (s.holds_open && top_height > rules->grow)) {
            s.start = later(s.start - rules->pad, d->first);
            s.end = sooner(s.end + rules->pad, d->end);
            for (int64_t k = s.start; k < s.end; k++)
                s.n_new += !d->unknown[k];
            s.is_above = stands_above(d, s.start, s.end);
            if (s.n_new > 0 && s.end - s.start <= d->longest + 2 * d->order) {
                int64_t place = n++;
                for (; place > 0 && chosen[place - 1].top < s.top; place--)
                    chosen[place] = chosen[place - 1];
                chosen[place] = s;
            }
        }
        s.end = end;
    }
    for (int64_t j = 0; j < n; j++) {
        s = chosen[j];
        if (!s.is_above && !s.holds_open && !desk_is_plausible(d, s.start, s.end))
            continue;
        budget -= s.n_new;
        if (budget < 0)
            break;
        opened++;
        for (int64_t k = s.start; k < s.end; k++) {
            if (!d->settled[k])
                d->unknown[k] = 1;
            d->above[k] |= (mask)s.is_above;
            d->ridge[k] = 0.0;
            d->height_above[k] = larger(d->upper[k], d->height_above[k]);
        }
    }
    if (opened)
        desk_take_stock(d);
    return opened > 0;
}

/* Where forward error begins and backward error ends; 0 if nothing of a run stands out of
 * ``level``, or if it is longer than the longest. ``head`` and ``tail`` have room for the run. */
static int true_edges(const desk_t *d, int64_t start, int64_t end, double level, double *signal,
                      double *head, int64_t *low, int64_t *high)
{
    int64_t n = end - start, order = d->order, reach = n + 2 * order;
    double *tail = head + n, *reversed = tail + n;
    /* The damage as it came amid the rebuilt sound: both errors have one sharp edge then. */
    memcpy(signal, d->clean + start - order, (size_t)reach * sizeof *signal);
    memcpy(signal + order, d->raw + start, (size_t)n * sizeof *signal);
    for (int64_t k = 0; k <= order; k++)
        reversed[k] = d->coefficients[order - k];
    for (int64_t k = 0; k < n; k++) {
        head[k] = fabs(dot(reversed, signal + k, order + 1));
        tail[k] = fabs(dot(d->coefficients, signal + order + k, order + 1));
    }
    double onset = larger(level, d->rules->edge_share * highest(head, 0, n, 0.0));
    double offset = larger(level, d->rules->edge_share * highest(tail, 0, n, 0.0));
    int64_t begin = 0, last = n - 1;
    while (begin < n && !(head[begin] > onset))
        begin++;
    while (last >= 0 && !(tail[last] > offset))
        last--;
    if (begin == n || last < 0)
        return 0;
    *low = later(0, begin - d->rules->pad);
    *high = sooner(n, last + 1 + d->rules->pad);
    return *low < *high && *high <= *low + d->longest;
}

/* Cut each suspect down to its true edges; what is cut off gets its input back.
 *
 * A faint one that stands out above the music has its edges from there: in the whole band they
 * drown. */
EXPORT void desk_narrow(desk_t *d)
{
    int64_t looked_at = 0, cut = 0;
    for (int64_t j = 0; j < d->n_runs; j++) {
        int64_t start = d->starts[j], end = d->ends[j], low = 0, high = 0;
        int is_above = 0;
        for (int64_t k = start; k < end; k++)
            is_above |= d->above[k];
        if (is_above && highest(d->height_above, start, end, 0.0) < d->rules->plain)
            continue;
        looked_at++;
        double level = d->rules->edge * scale_at(d, start, end);
        double *signal = d->scratch, *head = signal + d->n;
        int found = true_edges(d, start, end, level, signal, head, &low, &high);
        if (!found && is_above)
            continue;
        d->starts[cut] = start;
        d->index[2 * cut] = found ? start + low : start;
        d->index[2 * cut + 1] = found ? start + high : start;
        d->ends[cut++] = end;
    }
    /* Only now: all are measured amid the sound as it was rebuilt. */
    for (int64_t j = 0; j < cut; j++) {
        give_back(d, d->starts[j], d->index[2 * j]);
        give_back(d, d->index[2 * j + 1], d->ends[j]);
    }
    if (looked_at)
        desk_take_stock(d);
}

/* Ridges of one run [n], from its damage [n] and the local scale: the next rebuilding trusts the
 * input the more, the smaller the damage.
 *
 * With the damage modelled as noise of its own local power, the most probable signal is a ridge
 * regression whose weight is the innovation's power over the damage's. Scratch [n]. */
EXPORT void ridges_of(const double *damage, int64_t n, double scale, double weight,
                      const double *smooth, double *ridge, double *scratch)
{
    double mean = 0.0;
    for (int64_t k = 0; k < n; k++) {
        scratch[k] = damage[k] * damage[k];
        mean += scratch[k];
    }
    mean /= (double)n;
    for (int64_t k = 0; k < n; k++) {
        double local = 0.0;
        int64_t from = later(0, k - SMOOTH / 2), to = sooner(n, k + SMOOTH / 2 + 1);
        for (int64_t j = from; j < to; j++)
            local += scratch[j] * smooth[k - j + SMOOTH / 2];
        ridge[k] = weight * scale * scale / larger(0.7 * local + 0.3 * mean, 1e-14);
    }
}

/* Let the next rebuilding trust the input the more, the smaller the damage. */
EXPORT void desk_weigh(desk_t *d)
{
    double *damage = d->scratch, *room = d->scratch + d->n;
    for (int64_t j = 0; j < d->n_runs; j++) {
        int64_t start = d->starts[j], n = d->ends[j] - start;
        for (int64_t k = 0; k < n; k++)
            damage[k] = d->clean[start + k] - d->raw[start + k];
        ridges_of(damage, n, scale_at(d, start, start + n), d->rules->ridge, d->smooth,
                  d->ridge + start, room);
    }
}
