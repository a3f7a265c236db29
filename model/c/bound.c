/* The last word on what is restored. */
#include "core.h"

/* Keep the restored sound within its surroundings' peak, as they came, times ``loudest``: within
 * that of the hop before, its own and what comes in the ``ahead`` samples after it.
 *
 * ``wet`` and ``bounded`` [channels][n], whole hops; ``dry`` [channels][n + ahead]. ``peak``
 * [channels] is that of the hop before, then of the last one. */
EXPORT void bound_hops(const float *wet, const float *dry, int64_t channels, int64_t n, int64_t hop,
                       int64_t ahead, double loudest, float *peak, float *bounded)
{
    for (int64_t channel = 0; channel < channels; channel++)
        for (int64_t at = 0; at < n; at += hop) {
            const float *came = dry + channel * (n + ahead) + at, *x = wet + channel * n + at;
            float *out = bounded + channel * n + at, own = 0.0f, limit;
            for (int64_t k = 0; k < hop; k++)
                own = fabsf(came[k]) > own ? fabsf(came[k]) : own;
            limit = peak[channel] > own ? peak[channel] : own;
            for (int64_t k = hop; k < hop + ahead; k++)
                limit = fabsf(came[k]) > limit ? fabsf(came[k]) : limit;
            limit *= (float)loudest;
            for (int64_t k = 0; k < hop; k++)
                out[k] = x[k] > limit ? limit : x[k] < -limit ? -limit : x[k];
            peak[channel] = own;
        }
}
