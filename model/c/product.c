/* Products of matrices, and convolutions, of floats: what networks spend their time on. Sums run
 * along the inputs in their order, each output's its own, so that nothing hangs on how many
 * outputs are worked out beside it. */
#include "network.h"
#include "vector.h"

#ifdef __clang__
#pragma STDC FP_CONTRACT ON /* a product added in one go where the processor can */
#endif

#define ROWS 4 /* of outputs that are worked on at once, each VECTORS vectors long */
#define VECTORS 2

static inline __attribute__((always_inline)) void block(
    const float *a, int64_t a_row, int64_t a_step, const float *b, int64_t b_step,
    const float *bias, float *out, int64_t out_row, int64_t k, int rows, int vectors)
{
    vec sums[ROWS][VECTORS];
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++)
            sums[r][v] = *(const vec *)(bias + LANES * v);
    for (int64_t i = 0; i < k; i++) {
        vec beside[VECTORS];
        for (int v = 0; v < vectors; v++)
            beside[v] = *(const vec *)(b + i * b_step + LANES * v);
        for (int r = 0; r < rows; r++) {
            vec x = all_of(a[r * a_row + i * a_step]);
            for (int v = 0; v < vectors; v++)
                sums[r][v] += x * beside[v];
        }
    }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++)
            *(vec *)(out + r * out_row + LANES * v) = sums[r][v];
}

/* One row of outputs over many inputs: its sums would wait for each other, so up to four vectors
 * of outputs go side by side. */
static inline __attribute__((always_inline)) void row(const float *a, const float *b, int64_t ldb,
                                                      const float *bias, float *out, int64_t k,
                                                      int vectors)
{
    vec sums[4];
    for (int v = 0; v < vectors; v++)
        sums[v] = *(const vec *)(bias + LANES * v);
    for (int64_t i = 0; i < k; i++) {
        vec x = all_of(a[i]);
        for (int v = 0; v < vectors; v++)
            sums[v] += x * *(const vec *)(b + i * ldb + LANES * v);
    }
    for (int v = 0; v < vectors; v++)
        *(vec *)(out + LANES * v) = sums[v];
}

/* ``out [m, n] = a [m, k] b + bias``. ``b [k, wide]`` and ``bias [wide]`` are padded to whole
 * vectors; so is each row in ``scratch``, where whole rows are not wide enough. */
void product(const float *a, const float *b, const float *bias, float *out, int64_t m, int64_t n,
             int64_t k, int64_t wide, float *scratch)
{
    float *to = wide == n ? out : scratch;
    int64_t r = 0;
    for (; r + ROWS <= m; r += ROWS) {
        int64_t c = 0;
        for (; c + 2 * LANES <= wide; c += 2 * LANES)
            block(a + r * k, k, 1, b + c, wide, bias + c, to + r * wide + c, wide, k, ROWS, 2);
        for (; c < wide; c += LANES)
            block(a + r * k, k, 1, b + c, wide, bias + c, to + r * wide + c, wide, k, ROWS, 1);
    }
    for (; r < m; r++) {
        int64_t c = 0;
        for (; c + 4 * LANES <= wide; c += 4 * LANES)
            row(a + r * k, b + c, wide, bias + c, to + r * wide + c, k, 4);
        for (; c + 3 * LANES <= wide; c += 3 * LANES)
            row(a + r * k, b + c, wide, bias + c, to + r * wide + c, k, 3);
        for (; c < wide; c += LANES)
            row(a + r * k, b + c, wide, bias + c, to + r * wide + c, k, 1);
    }
    if (to != out)
        for (r = 0; r < m; r++)
            memcpy(out + r * n, to + r * wide, n * sizeof(float));
}

/* Four outputs' channels over so many places, all inputs' channels and taps. */
static inline __attribute__((always_inline)) void places(
    const float *in, int64_t in_row, const float *weights, const float *bias, float *out,
    int64_t out_row, int64_t inputs, int64_t taps, int64_t apart, int vectors)
{
    vec sums[ROWS][VECTORS];
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < vectors; v++)
            sums[r][v] = all_of(bias[r]);
    for (int64_t i = 0; i < inputs; i++)
        for (int64_t t = 0; t < taps; t++, weights += ROWS) {
            const float *at = in + i * in_row + t * apart;
            vec heard[VECTORS];
            for (int v = 0; v < vectors; v++)
                heard[v] = *(const vec *)(at + LANES * v);
            for (int r = 0; r < ROWS; r++)
                for (int v = 0; v < vectors; v++)
                    sums[r][v] += weights[r] * heard[v];
        }
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < vectors; v++)
            *(vec *)(out + r * out_row + LANES * v) = sums[r][v];
}

/* A convolution over one axis, ``in [inputs, from]`` to ``out [outputs, to]``. ``weights
 * [outputs / 4, inputs, taps, 4]`` and ``bias`` are padded to four outputs. ``scratch`` takes the
 * padded input ``[inputs, row]`` and four rows of outputs, each whole vectors long. */
void convolution(const convolution_t *c, const float *in, const float *weights, const float *bias,
                 float *out, float *scratch)
{
    int64_t row = c->from;
    if (c->row) { /* pads, or an end that is no whole vector */
        row = c->row;
        for (int64_t i = 0; i < c->inputs; i++) {
            float *to = scratch + i * row;
            memset(to, 0, c->pad * sizeof(float));
            memcpy(to + c->pad, in + i * c->from, c->from * sizeof(float));
            memset(to + c->pad + c->from, 0, (row - c->pad - c->from) * sizeof(float));
        }
        in = scratch;
    }
    int64_t whole = (c->to + LANES - 1) / LANES * LANES;
    float *rows = scratch + (c->row ? c->inputs * row : 0);
    for (int64_t o = 0; o < c->outputs; o += ROWS) {
        int fits = whole == c->to && o + ROWS <= c->outputs;
        float *to = fits ? out + o * c->to : rows;
        int64_t n = 0;
        for (; n + 2 * LANES <= whole; n += 2 * LANES)
            places(in + n, row, weights, bias + o, to + n, whole, c->inputs, c->taps, c->apart, 2);
        for (; n < whole; n += LANES)
            places(in + n, row, weights, bias + o, to + n, whole, c->inputs, c->taps, c->apart, 1);
        weights += ROWS * c->inputs * c->taps;
        for (int64_t r = 0; !fits && r < ROWS && o + r < c->outputs; r++)
            memcpy(out + (o + r) * c->to, rows + r * whole, c->to * sizeof(float));
    }
}
