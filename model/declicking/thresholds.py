"""What the listener's settings mean to the declicker: one value, read once per hop. Any thread."""

from typing import NamedTuple

from model.settings import Settings

_SIGMA = 7.0  # height of a suspect in the whole whitened band, at the tuned point
_UPPER_SIGMA = 4.1  # the same above the music, where a repair must still explain what it takes out
_SHARPNESS = 20.0  # pulses of brass and wood reach 20, clicks 30 to 1000
_GUARD = 8.0  # to the power of the protection: height above the sound's own pulses
_LONG_UPPER_S = 0.7e-3  # real clicks last 0.05 to 0.75 ms; an attack rings on up there


class Thresholds(NamedTuple):
    """The declicker's reading of the listener's settings."""

    sigma: float  # height of a suspect above the local scale
    upper_sigma: float  # the same in the band above the music
    guard: float  # its height above the sound's own pulses
    sharpness: float  # its derivative measure
    longest: int  # samples
    attack: float  # samples at which a suspect must stand twice as high
    long_upper: float  # samples at which it must begin to in the band above the music
    rise: float  # exponent of the rise in level after it
    floor_band: tuple[float, float]  # where surface noise is measured, shares of Nyquist
    sample_rate: int  # Hz
    analytical: float  # weights of the two detectors' votes, at most 1 each
    learned: float
    lean: float  # log odds added to the learned detector's

    @staticmethod
    def of(settings: Settings, sample_rate: int, *, has_learned: bool = False) -> "Thresholds":
        """Map sensitivity and protection to sigmas and ratios; 0.5 and 0.5 are the tuned point.

        Without a learned detector the analytical one decides alone, whatever the balance says.
        """
        caution = 2.5 ** (1.0 - 2.0 * settings.sensitivity)
        nyquist = sample_rate / 2
        balance = settings.learned_balance if has_learned else 0.0
        return Thresholds(
            analytical=min(1.0, 2.0 * (1.0 - balance)),
            learned=min(1.0, 2.0 * balance),
            lean=4.0 * (settings.sensitivity - 0.5),
            sigma=_SIGMA * caution,
            # Hiss has known tails: a lower threshold soon finds nothing but hiss.
            upper_sigma=_UPPER_SIGMA * caution**0.3,
            guard=_GUARD**settings.protection,
            sharpness=_SHARPNESS * caution**0.3,
            longest=max(4, round(settings.longest_click_ms * 1e-3 * sample_rate)),
            attack=0.4e-3 * sample_rate / max(settings.protection, 1e-3),
            long_upper=_LONG_UPPER_S * sample_rate,
            rise=0.5 * settings.protection,
            floor_band=(min(2_000 / nyquist, 0.4), min(5_000 / nyquist, 0.9)),
            sample_rate=sample_rate,
        )
