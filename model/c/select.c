/* Order statistics without sorting. */
#include "core.h"

/* The value that would stand at place ``nth`` (0 the least) if all were sorted; reorders them. */
EXPORT double nth_of(double *values, int64_t n, int64_t nth)
{
    int64_t low = 0, high = n - 1;
    while (low < high) {
        /* The middle of three as the pivot: sorted and constant stretches are common. */
        double a = values[low], b = values[low + (high - low) / 2], c = values[high];
        double pivot = larger(smaller(a, b), smaller(larger(a, b), c));
        int64_t i = low, j = high;
        while (i <= j) {
            while (i <= high && values[i] < pivot)
                i++;
            while (j >= low && values[j] > pivot)
                j--;
            if (i <= j) {
                double swapped = values[i];
                values[i++] = values[j];
                values[j--] = swapped;
            }
        }
        if (nth <= j)
            high = j;
        else if (nth >= i)
            low = i;
        else
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
