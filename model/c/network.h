/* A network laid out as steps over one piece of memory; model/networks/plan.py lays it out. */
#ifndef NETWORK_H
#define NETWORK_H

#include "core.h"

enum { COPY, UNARY, BINARY, PRODUCT, CONVOLUTION, REDUCTION, POOL };
enum { RELU, SIGMOID, TANH, LOGARITHM, EXPONENTIAL, ROOT, SIZE, SIGN, NEGATIVE, LIMITED };
enum { SUM, DIFFERENCE, TIMES, RATIO, LEAST, MOST };

#define AXES 4

/* Places are counted in floats from the beginning of the memory. Axes that a step does not need
 * have the size 1. */
typedef struct {
    int64_t kind, function;
    int64_t out, first, second, third, scratch;
    int64_t size[AXES], out_step[AXES], first_step[AXES], second_step[AXES];
    float low, high;
} step_t;

typedef struct {
    int64_t inputs, outputs, from, to, taps, apart, pad, row;
} convolution_t;

typedef struct {
    int64_t to, from, n;
} move_t;

typedef struct {
    float *memory;
    const step_t *steps;
    const move_t *moves; /* of what a frame leaves to the next one */
    int64_t n_steps, n_moves, signal, n_signal, result, n_result, state, n_state;
} network_t;

void product(const float *a, const float *b, const float *bias, float *out, int64_t m, int64_t n,
             int64_t k, int64_t wide, float *scratch);
void convolution(const convolution_t *c, const float *in, const float *weights, const float *bias,
                 float *out, float *scratch);
EXPORT void network_run(const network_t *net, const float *signal, float *result, float *state,
                        int64_t frames, int64_t rows);

#endif
