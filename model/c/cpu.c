/* What the processor can do, so that the library compiled for it is taken (core.py). */
#include "core.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <cpuid.h>

/* x86-64-v3: vectors of eight floats, and a product added in one go. The system must keep their
 * registers for every program, too. */
EXPORT int64_t core_has_wide_vectors(void)
{
    unsigned a, b, c, d;
    const unsigned fma = 1u << 12, movbe = 1u << 22, osxsave = 1u << 27, avx = 1u << 28,
                   f16c = 1u << 29, bmi1 = 1u << 3, avx2 = 1u << 5, bmi2 = 1u << 8,
                   lzcnt = 1u << 5;
    if (!__get_cpuid(1, &a, &b, &c, &d))
        return 0;
    unsigned wanted = fma | movbe | osxsave | avx | f16c;
    if ((c & wanted) != wanted)
        return 0;
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & 6) != 6)
        return 0;
    wanted = bmi1 | avx2 | bmi2;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (b & wanted) != wanted)
        return 0;
    return __get_cpuid(0x80000001, &a, &b, &c, &d) && (c & lzcnt);
}
#else
EXPORT int64_t core_has_wide_vectors(void) { return 0; }
#endif
