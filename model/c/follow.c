/* How the walls stand to each other, followed from the music while it plays: time, level, sign. */
#include "walls.h"

EXPORT int64_t follower_size(void) { return sizeof(follower_t); }
EXPORT int64_t standing_size(void) { return sizeof(standing_t); }

static const double TINY = 1e-300;

/* Running spectra of the band, and the newest frame's; rows of what the caller keeps. */
typedef struct {
    double *left, *right, *re, *im; /* averaged */
    double *power[2], *cross_re, *cross_im;
    double *likeness, *angle_re, *angle_im;
} spectra_t;

/* The newest samples [2][size], and their spectra in the band; returns their power. */
static double hear(const follower_t *f, const double *walls, int64_t n, const double *old,
                   double *recent, const spectra_t *x, double *scratch)
{
    int64_t size = f->size, fresh = sooner(n, size), kept = size - fresh;
    double *room = scratch, *windowed = room + 2 * size, total = 0.0;
    bin *spectra[2] = {(bin *)(windowed + size), (bin *)(windowed + size) + size / 2 + 1};
    for (int64_t wall = 0; wall < 2; wall++) {
        double *row = recent + wall * size;
        memcpy(row, old + (wall + 1) * size - kept, (size_t)kept * sizeof *row);
        memcpy(row + kept, walls + (wall + 1) * n - fresh, (size_t)fresh * sizeof *row);
        for (int64_t k = 0; k < size; k++)
            windowed[k] = row[k] * f->window[k];
        fft_forward(f->plan, windowed, spectra[wall], room);
        const bin *band = spectra[wall] + f->first;
        for (int64_t k = 0; k < f->bands; k++) {
            x->power[wall][k] = band[k].re * band[k].re + band[k].im * band[k].im;
            total += x->power[wall][k];
        }
    }
    const bin *a = spectra[0] + f->first, *b = spectra[1] + f->first;
    for (int64_t k = 0; k < f->bands; k++) {
        x->cross_re[k] = a[k].re * b[k].re + a[k].im * b[k].im;
        x->cross_im[k] = a[k].im * b[k].re - a[k].re * b[k].im;
    }
    return total;
}

/* The maximum-likelihood weight of each band, coherence over what is not coherent. */
static void weigh(const follower_t *f, const spectra_t *x, double share)
{
    double chance = share / (2.0 - share); /* so few frames are alike by chance */
    for (int64_t k = 0; k < f->bands; k++) {
        double cross = x->re[k] * x->re[k] + x->im[k] * x->im[k];
        double coherence = cross / (x->left[k] * x->right[k] + TINY);
        coherence = (coherence - 2.0 * chance) / (1.0 - 2.0 * chance);
        coherence = smaller(larger(coherence, 0.0), f->likest);
        x->likeness[k] = coherence / (1.0 - coherence);
    }
}

static void begin_anew(const follower_t *f, standing_t *s, double offset)
{
    *s = (standing_t){.heard = s->heard, .hops = s->hops, .offset = offset, .found = 1.0};
    s->swing[0] = offset;
    for (int64_t k = 0; k < 3; k++)
        s->spread[4 * k] = f->unknown[k] * f->unknown[k];
}

/* Look at all offsets; take another one only where it is plainly better. Scratch holds three times
 * the samples of the search's plan, and four numbers. */
static void search(const follower_t *f, const spectra_t *x, standing_t *s, double *scratch)
{
    int64_t size = f->size * f->fine, reach = f->most * f->fine, best = -reach, near = -f->near;
    double *peaks = scratch, *room = peaks + size, top = -1.0, beside = 0.0, close = -1.0;
    bin *spectrum = (bin *)(room + 2 * size);
    memset(spectrum, 0, (size_t)(size / 2 + 1) * sizeof *spectrum);
    for (int64_t k = 0; k < f->bands; k++) {
        double size_of = sqrt(x->re[k] * x->re[k] + x->im[k] * x->im[k]);
        double share = x->likeness[k] / larger(size_of, TINY);
        spectrum[f->first + k] = (bin){x->re[k] * share, -x->im[k] * share};
    }
    fft_inverse(f->search_plan, spectrum, peaks, room);
    int64_t here = (int64_t)rint(s->swing[0] * (double)f->fine);
    for (int64_t at = -reach; at <= reach; at++) {
        double peak = fabs(peaks[at < 0 ? at + size : at]);
        if (peak > top) {
            top = peak;
            best = at;
        }
        if (at >= here - 2 && at <= here + 2)
            beside = larger(peak, beside);
        if (at >= -f->near && at <= f->near && peak > close) {
            close = peak;
            near = at;
        }
    }
    if (s->found == 0.0) {
        /* A single voice is about as like itself at other offsets: the least is the likeliest. */
        if (top > 0.0)
            begin_anew(f, s, (double)(top <= f->higher * close ? near : best) / (double)f->fine);
        return;
    }
    double offset = (double)best / (double)f->fine;
    if (fabs(offset - s->swing[0]) > f->further && top > f->higher * beside)
        begin_anew(f, s, offset);
}

static void phases(const follower_t *f, double hops, double *here)
{
    here[0] = 1.0;
    here[1] = cos(f->turn * hops);
    here[2] = sin(f->turn * hops);
}

/* The newest cross-spectrum without an offset's turns. */
static void turn_back(const follower_t *f, const spectra_t *x, double offset)
{
    for (int64_t k = 0; k < f->bands; k++) {
        double angle = -f->turns[k] * offset, re = cos(angle), im = sin(angle);
        x->angle_re[k] = x->cross_re[k] * re - x->cross_im[k] * im;
        x->angle_im[k] = x->cross_re[k] * im + x->cross_im[k] * re;
    }
}

/* Move with what the newest frame says, as far as it can be believed. */
static void follow(const follower_t *f, const spectra_t *x, standing_t *s)
{
    double here[3], toward[3], worth = 0.0, late = 0.0, scatter = 0.0;
    double sign = s->levels[2] >= 0.0 ? 1.0 : -1.0, *angle = x->angle_re;
    /* The middle of the frame lies half of it before the newest sample. */
    phases(f, s->hops - 0.5 * (double)f->size / (double)f->hop, here);
    turn_back(f, x, dot(here, s->swing, 3));
    for (int64_t k = 0; k < 3; k++)
        s->spread[4 * k] += f->drift[k] * f->drift[k];
    for (int64_t k = 0; k < f->bands; k++)
        worth += x->likeness[k] * f->turns[k] * f->turns[k];
    if (worth > 0.0) {
        for (int64_t k = 0; k < f->bands; k++) {
            angle[k] = atan2(sign * x->angle_im[k], sign * x->angle_re[k]);
            late += x->likeness[k] * f->turns[k] * angle[k];
        }
        late /= worth;
        /* What the pinch effect turns it turns in each partial by another angle, as long as a
         * tone lasts. */
        for (int64_t k = 0; k < f->bands; k++) {
            double over = x->likeness[k] * f->turns[k] * (angle[k] - late * f->turns[k]);
            scatter += over * over;
        }
        scatter /= worth * worth;
        double tone = f->tone * larger(scatter - 1.0 / (2.0 * worth), 0.0);
        double doubt = 1.0 / (2.0 * worth * f->frames) + tone + 0.25 * late * late;
        for (int64_t k = 0; k < 3; k++)
            toward[k] = dot(s->spread + 3 * k, here, 3);
        double all = dot(here, toward, 3) + doubt;
        for (int64_t k = 0; k < 9; k++)
            s->spread[k] -= toward[k / 3] / all * toward[k % 3];
        for (int64_t k = 0; k < 3; k++)
            s->swing[k] += toward[k] / all * late;
    }
    for (int64_t k = 0; k < 9; k++) {
        double most = k % 4 ? 1.0 : f->unknown[k / 4] * f->unknown[k / 4];
        s->spread[k] = smaller(s->spread[k], most);
    }
    phases(f, s->hops, here);
    double now = dot(here, s->swing, 3), most = (double)f->most;
    s->offset = smaller(larger(now, -most), most);
}

/* By how many dB the right wall is to be raised: the principal axis of both. */
static double balance_of(const double *levels)
{
    double angle = 0.5 * atan2(2.0 * fabs(levels[2]), levels[0] - levels[1]);
    return -20.0 * log10(smaller(larger(tan(angle), 1e-3), 1e3));
}

/* Follow the levels, with the newest frame's: of the left wall, the right one, and in phase. */
static void follow_levels(const follower_t *f, const spectra_t *x, standing_t *s, double total)
{
    double now[3] = {0.0, 0.0, 0.0}, all = 0.0;
    turn_back(f, x, s->offset);
    for (int64_t k = 0; k < f->bands; k++) {
        double weight = x->likeness[k] / (x->left[k] + x->right[k] + TINY);
        all += weight;
        now[0] += weight * x->power[0][k];
        now[1] += weight * x->power[1][k];
        now[2] += weight * x->angle_re[k];
    }
    int is_new = s->levels[0] == 0.0 && s->levels[1] == 0.0 && s->levels[2] == 0.0;
    double share = is_new ? 1.0 : larger(f->level_share, 1.0 / (s->heard - 3.0));
    for (int64_t k = 0; k < 3; k++) {
        now[k] /= all + TINY;
        s->levels[k] += share * (now[k] - s->levels[k]);
    }
    /* Who is damaged is louder, and less like the other: such frames say little of the balance,
     * and those of hiss next to nothing. */
    double alike = fabs(now[2]) / (sqrt(now[0] * now[1]) + TINY);
    /* What both walls hiss alike may be louder on one of them: music tells the balance, and is
     * louder than that. */
    double loud = s->loud + share * (total - s->loud);
    double worth = pow(alike, f->like_weight) * smaller(total / larger(loud, TINY), f->loudest);
    double before = s->weighed * smaller(s->loud / larger(loud, TINY), 1.0);
    double weighed = smaller(before + worth, f->most_weight);
    double step = balance_of(now) - s->balance;
    if (weighed > f->settled)
        step = smaller(larger(step, -f->most_db), f->most_db);
    s->balance += worth / larger(weighed, 1e-9) * step;
    s->weighed = weighed;
    s->loud = loud;
}

/* Take in walls [2][n]: ``recent`` [2][size] and ``bands`` [4][bands], running spectra of left,
 * right and both, become the next ones, and ``s`` is changed in place. Scratch [7 bands] and what
 * the larger transform needs: 5 size + 4, or 4 size fine + 2. */
EXPORT void follower_step(const follower_t *f, const double *walls, int64_t n,
                          const double *old_recent, const double *old_bands, double *recent,
                          double *bands, standing_t *s, double *scratch)
{
    int64_t m = f->bands;
    spectra_t x = {.left = bands, .right = bands + m, .re = bands + 2 * m, .im = bands + 3 * m};
    double **rows[] = {&x.power[0], &x.power[1], &x.cross_re, &x.cross_im,
                       &x.likeness, &x.angle_re, &x.angle_im};
    for (int64_t row = 0; row < 7; row++, scratch += m)
        *rows[row] = scratch;
    memcpy(bands, old_bands, (size_t)(4 * m) * sizeof *bands);
    s->hops += 1.0;
    double total = hear(f, walls, n, old_recent, recent, &x, scratch);
    if (total < f->sounds)
        return;
    s->heard += 1.0;
    double share = larger(f->known, 1.0 / s->heard);
    for (int64_t k = 0; k < m; k++) {
        /* Every frame counts alike, so that no click outweighs the music. */
        x.power[0][k] /= total;
        x.power[1][k] /= total;
        x.cross_re[k] /= total;
        x.cross_im[k] /= total;
        x.left[k] += share * (x.power[0][k] - x.left[k]);
        x.right[k] += share * (x.power[1][k] - x.right[k]);
        x.re[k] += share * (x.cross_re[k] - x.re[k]);
        x.im[k] += share * (x.cross_im[k] - x.im[k]);
    }
    if (s->heard < 4.0)
        return;
    weigh(f, &x, share);
    if ((int64_t)s->hops % f->search_every == 0)
        search(f, &x, s, scratch);
    if (s->found != 0.0)
        follow(f, &x, s);
    follow_levels(f, &x, s, total);
}
