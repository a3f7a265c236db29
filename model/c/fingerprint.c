/* From which sources this library was compiled; the installation says it. */
#include "core.h"

EXPORT const char *core_fingerprint(void) { return CORE_FINGERPRINT; }
