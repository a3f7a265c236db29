/* Runs a network, step by step, over frames of one channel after the other. */
#include "network.h"

#ifdef __clang__
#pragma STDC FP_CONTRACT ON /* in the functions of vector.h as well, a third of their time */
#endif

#include "vector.h"

static void copy(const step_t *s, float *memory)
{
    const int64_t *n = s->size, *o = s->out_step, *i = s->first_step;
    for (int64_t a = 0; a < n[0]; a++)
        for (int64_t b = 0; b < n[1]; b++)
            for (int64_t c = 0; c < n[2]; c++) {
                float *to = memory + s->out + a * o[0] + b * o[1] + c * o[2];
                const float *from = memory + s->first + a * i[0] + b * i[1] + c * i[2];
                if (o[3] == 1 && i[3] == 1)
                    memcpy(to, from, n[3] * sizeof(float));
                else
                    for (int64_t d = 0; d < n[3]; d++)
                        to[d * o[3]] = from[d * i[3]];
            }
}

static inline __attribute__((always_inline)) vec unary_of(int64_t function, vec x,
                                                          const step_t *s)
{
    const ivec sign = (ivec)all_of(-0.0f);
    switch (function) {
    case RELU:
        return chosen(x < 0.0f, all_of(0.0f), x);
    case SIGMOID:
        return sigmoid_of(x);
    case TANH:
        return tanh_of(x);
    case LOGARITHM:
        return log_of(x);
    case EXPONENTIAL:
        return exp_of(x);
    case ROOT:
        for (int v = 0; v < LANES; v++)
            x[v] = sqrtf(x[v]);
        return x;
    case SIZE:
        return (vec)((ivec)x & ~sign);
    case SIGN:
        return chosen(x > 0.0f, all_of(1.0f), chosen(x < 0.0f, all_of(-1.0f), x));
    case NEGATIVE:
        return -x;
    default:
        x = chosen(x < s->low, all_of(s->low), x);
        return chosen(x > s->high, all_of(s->high), x);
    }
}

#define EVERY(function)                                                                            \
    case function:                                                                                 \
        for (; k + LANES <= n; k += LANES)                                                         \
            *(vec *)(out + k) = unary_of(function, *(const vec *)(in + k), s);                     \
        if (k < n) {                                                                               \
            float rest[LANES] = {0};                                                               \
            memcpy(rest, in + k, (n - k) * sizeof(float));                                         \
            *(vec *)rest = unary_of(function, *(const vec *)rest, s);                              \
            memcpy(out + k, rest, (n - k) * sizeof(float));                                        \
        }                                                                                          \
        break;

static void unary(const step_t *s, float *memory)
{
    float *out = memory + s->out;
    const float *in = memory + s->first;
    int64_t k = 0, n = s->size[AXES - 1];
    switch (s->function) {
        EVERY(RELU)
        EVERY(SIGMOID)
        EVERY(TANH)
        EVERY(LOGARITHM)
        EVERY(EXPONENTIAL)
        EVERY(ROOT)
        EVERY(SIZE)
        EVERY(SIGN)
        EVERY(NEGATIVE)
        EVERY(LIMITED)
    }
}

/* One row; a step of 0 repeats the one number. ``least`` and ``most`` pass on what is no number,
 * as ONNX wants it. */
#define ROW(expression)                                                                            \
    if (p == 1 && q == 1)                                                                          \
        for (int64_t k = 0; k < n; k++) {                                                          \
            float x = a[k], y = b[k];                                                              \
            to[k] = expression;                                                                    \
        }                                                                                          \
    else                                                                                           \
        for (int64_t k = 0; k < n; k++) {                                                          \
            float x = a[k * p], y = b[k * q];                                                      \
            to[k] = expression;                                                                    \
        }                                                                                          \
    break;

static inline __attribute__((always_inline)) void binary_row(int64_t function,
                                                             float *restrict to, const float *a,
                                                             const float *b, int64_t n, int64_t p,
                                                             int64_t q)
{
    switch (function) {
    case SUM:
        ROW(x + y)
    case DIFFERENCE:
        ROW(x - y)
    case TIMES:
        ROW(x * y)
    case RATIO:
        ROW(x / y)
    case LEAST:
        ROW(x < y || x != x ? x : y)
    default:
        ROW(x > y || x != x ? x : y)
    }
}

static void binary(const step_t *s, float *memory)
{
    const int64_t *n = s->size, *o = s->out_step, *i = s->first_step, *j = s->second_step;
    for (int64_t a = 0; a < n[0]; a++)
        for (int64_t b = 0; b < n[1]; b++)
            for (int64_t c = 0; c < n[2]; c++) {
                float *to = memory + s->out + a * o[0] + b * o[1] + c * o[2];
                const float *x = memory + s->first + a * i[0] + b * i[1] + c * i[2];
                const float *y = memory + s->second + a * j[0] + b * j[1] + c * j[2];
                if (i[3] == 1 && j[3] == 0)
                    binary_row(s->function, to, x, y, n[3], 1, 0);
                else if (i[3] == 0 && j[3] == 1)
                    binary_row(s->function, to, x, y, n[3], 0, 1);
                else
                    binary_row(s->function, to, x, y, n[3], i[3], j[3]);
            }
}

/* ``[outer, n, inner]`` over the middle axis, in its order; ``low`` is what the sum is taken
 * times. */
static void reduction(const step_t *s, float *memory)
{
    int64_t outer = s->size[0], n = s->size[1], inner = s->size[2];
    for (int64_t a = 0; a < outer; a++) {
        float *to = memory + s->out + a * inner;
        const float *from = memory + s->first + a * n * inner;
        if (inner == 1) { /* eight sums side by side */
            vec sums = all_of(0.0f);
            int64_t k = 0;
            for (; k + LANES <= n; k += LANES)
                sums += *(const vec *)(from + k);
            float sum = 0.0f;
            for (int v = 0; v < LANES; v++)
                sum += sums[v];
            for (; k < n; k++)
                sum += from[k];
            *to = sum * s->low;
            continue;
        }
        memcpy(to, from, inner * sizeof(float));
        for (int64_t k = 1; k < n; k++)
            for (int64_t i = 0; i < inner; i++)
                to[i] += from[k * inner + i];
        for (int64_t i = 0; i < inner; i++)
            to[i] *= s->low;
    }
}

/* Means of ``window`` neighbours, ``pad`` of them before; rows ``[rows, from]`` to ``[rows, to]``.
 * With ``function`` the neighbours that are not there count as 0. */
static void pool(const step_t *s, float *memory)
{
    int64_t rows = s->size[0], from = s->size[1], to = s->size[2], window = s->size[3];
    int64_t pad = s->out_step[0];
    for (int64_t r = 0; r < rows; r++) {
        const float *in = memory + s->first + r * from;
        float *out = memory + s->out + r * to;
        for (int64_t n = 0; n < to; n++) {
            int64_t first = later(n - pad, 0), last = sooner(n - pad + window, from);
            float sum = 0.0f;
            for (int64_t k = first; k < last; k++)
                sum += in[k];
            out[n] = sum / (float)(s->function ? window : last - first);
        }
    }
}

static void run(const step_t *s, float *memory)
{
    float *scratch = memory + s->scratch;
    switch (s->kind) {
    case COPY:
        copy(s, memory);
        break;
    case UNARY:
        unary(s, memory);
        break;
    case BINARY:
        binary(s, memory);
        break;
    case PRODUCT:
        product(memory + s->first, memory + s->second, memory + s->third, memory + s->out,
                s->size[0], s->size[1], s->size[2], s->size[3], scratch);
        break;
    case CONVOLUTION: {
        const convolution_t c = {s->size[0],     s->size[1],     s->size[2],     s->size[3],
                                 s->out_step[0], s->out_step[1], s->out_step[2], s->out_step[3]};
        convolution(&c, memory + s->first, memory + s->second, memory + s->third,
                    memory + s->out, scratch);
        break;
    }
    case REDUCTION:
        reduction(s, memory);
        break;
    case POOL:
        pool(s, memory);
        break;
    }
}

/* ``signal [frames, rows, n_signal]`` to ``result [frames, rows, n_result]``; ``state [rows,
 * n_state]`` is that before the first frame, then that after the last. */
EXPORT void network_run(const network_t *net, const float *signal, float *result, float *state,
                        int64_t frames, int64_t rows)
{
    float *memory = net->memory;
    for (int64_t r = 0; r < rows; r++) {
        memcpy(memory + net->state, state + r * net->n_state, net->n_state * sizeof(float));
        for (int64_t f = 0; f < frames; f++) {
            int64_t at = f * rows + r;
            memcpy(memory + net->signal, signal + at * net->n_signal,
                   net->n_signal * sizeof(float));
            for (int64_t k = 0; k < net->n_steps; k++)
                run(net->steps + k, memory);
            memcpy(result + at * net->n_result, memory + net->result,
                   net->n_result * sizeof(float));
            for (int64_t k = 0; k < net->n_moves; k++)
                memcpy(memory + net->moves[k].to, memory + net->moves[k].from,
                       net->moves[k].n * sizeof(float));
        }
        memcpy(state + r * net->n_state, memory + net->state, net->n_state * sizeof(float));
    }
}
