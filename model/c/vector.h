/* Eight numbers at once, whatever the processor makes of them, and the functions that networks
 * use on them. Relative errors are of a few units in the last place of a float. */
#ifndef VECTOR_H
#define VECTOR_H

#include "core.h"

#define LANES 8

/* Wherever they begin, and whatever else the memory is read as. */
typedef float vec __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t ivec __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

static inline vec all_of(float x) { return (vec){x, x, x, x, x, x, x, x}; }

/* ``a`` where the mask is set, else ``b``. */
static inline vec chosen(ivec where, vec a, vec b)
{
    return (vec)((where & (ivec)a) | (~where & (ivec)b));
}

/* e to the x: 2 to a whole number, and what is left as a polynomial (Cody and Waite's reduction,
 * a Taylor series of degree 7 over half an octave to either side). */
static inline vec exp_of(vec x)
{
    const vec whole = all_of(12582912.0f); /* 1.5 * 2^23: adding it rounds */
    x = chosen(x > 88.0f, all_of(88.0f), x);
    x = chosen(x < -87.0f, all_of(-87.0f), x);
    vec rounded = x * 1.44269504f + whole;
    ivec power = (ivec)rounded << 23; /* the low bits of the whole number become the exponent */
    vec n = rounded - whole;
    vec r = x - n * 0.693145752f - n * 1.42860677e-6f;
    vec y = r * 1.98412698e-4f + 1.38888889e-3f;
    y = y * r + 8.33333333e-3f;
    y = y * r + 4.16666667e-2f;
    y = y * r + 1.66666667e-1f;
    y = y * r + 0.5f;
    y = y * r * r + r + 1.0f;
    return (vec)((ivec)y + power);
}

static inline vec sigmoid_of(vec x) { return 1.0f / (1.0f + exp_of(-x)); }

/* Where it is small, the difference from 1 would have lost its digits: there, its own series. */
static inline vec tanh_of(vec x)
{
    vec z = x * x;
    vec y = z * 0.0218694885f - 0.0539682540f;
    y = y * z + 0.133333333f;
    y = y * z - 0.333333333f;
    return chosen(z < 0.09f, y * z * x + x, 1.0f - 2.0f / (1.0f + exp_of(x + x)));
}

/* Natural logarithm of what is above the least normal number: exponent and mantissa, the mantissa
 * within half an octave of 1 and its logarithm as twice the artanh of (m - 1) / (m + 1). */
static inline vec log_of(vec x)
{
    ivec is_positive = x > 0.0f, is_finite = x < INFINITY;
    vec safe = chosen(x < 1.17549435e-38f, all_of(1.17549435e-38f), x);
    ivec bits = (ivec)safe - 0x3f3504f3; /* of the root of a half */
    ivec exponent = bits >> 23;
    vec m = (vec)((bits & 0x007fffff) + 0x3f3504f3);
    vec n = __builtin_convertvector(exponent, vec);
    vec s = (m - 1.0f) / (m + 1.0f), z = s * s;
    vec y = z * 0.222222222f + 0.285714286f;
    y = y * z + 0.4f;
    y = y * z + 0.666666667f;
    y = y * z * s + (s + s);
    y = n * 0.693145752f + (n * 1.42860677e-6f + y);
    y = chosen(is_finite, y, x);                 /* infinite or no number: stays so */
    return chosen(is_positive | (x != x), y, chosen(x == 0.0f, all_of(-INFINITY), all_of(NAN)));
}

#endif
