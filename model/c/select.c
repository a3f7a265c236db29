/* Order statistics without sorting. */
#include "core.h"

/* Bring what is below the pivot to the front, in values[low..high]; returns where the others begin.
 *
 * Without a branch on the values, which would be guessed wrongly every other time. */
static int64_t below_first(double *values, int64_t low, int64_t high, double pivot)
{
    int64_t next = low;
    for (int64_t k = low; k <= high; k++) {
        double value = values[k];
        values[k] = values[next];
        values[next] = value;
        next += value < pivot;
    }
    return next;
}

static int64_t equal_first(double *values, int64_t low, int64_t high, double pivot)
{
    int64_t next = low;
    for (int64_t k = low; k <= high; k++) {
        double value = values[k];
        values[k] = values[next];
        values[next] = value;
        next += value <= pivot;
    }
    return next;
}

/* The value that would stand at place ``nth`` (0 the least) if all were sorted; reorders them so
 * that none before that place is larger. */
EXPORT double nth_of(double *values, int64_t n, int64_t nth)
{
    int64_t low = 0, high = n - 1;
    while (low < high) {
        /* The middle of three as the pivot: sorted stretches are common. */
        double a = values[low], b = values[low + (high - low) / 2], c = values[high];
        double pivot = larger(smaller(a, b), smaller(larger(a, b), c));
        int64_t others = below_first(values, low, high, pivot);
        if (nth < others) {
            high = others - 1;
            continue;
        }
        low = equal_first(values, others, high, pivot);
        if (nth < low || low == others) /* found; or the pivot is no number */
            break;
    }
    return values[nth];
}

/* The median, of an even number the mean of the two in the middle; reorders them. */
EXPORT double median_of(double *values, int64_t n)
{
    double upper = nth_of(values, n, n / 2);
    if (n % 2)
        return upper;
    /* All before that place are no larger. */
    return 0.5 * (highest(values, 0, n / 2, values[0]) + upper);
}
