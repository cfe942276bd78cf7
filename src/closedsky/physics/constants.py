"""Constants, SI."""

EARTH_RADIUS_M = 6_371_000.0
"""Mean radius of the Earth, m: great circles, horizon and free flight."""
EARTH_MU = 3.986004418e14
"""Standard gravitational parameter of the Earth with its atmosphere, m³/s² (WGS84, NIMA TR8350.2)."""
GRAVITY0 = 9.80665
"""Standard acceleration of free fall, m/s² (3rd CGPM, 1901)."""

WGS84_A = 6_378_137.0
"""Semi-major axis of WGS84, m."""
WGS84_F = 1.0 / 298.257223563
"""Flattening of WGS84."""
WGS84_E2 = WGS84_F * (2.0 - WGS84_F)
"""First eccentricity of WGS84, squared."""
WGS84_J2 = 1.08263e-3
"""Second zonal harmonic of the Earth's gravity, √5 · 0.484166774985e-3 (NIMA TR8350.2)."""
WGS84 = (WGS84_A, WGS84_E2)
"""Figure of the Earth as positions take it: semi-major axis in m, first eccentricity squared."""
SPHERE = (EARTH_RADIUS_M, 0.0)
"""The same for the sphere of the model."""
EARTH_ROTATION_RAD_S = 7.292115e-5
"""Rate at which the Earth turns, rad/s (WGS84, NIMA TR8350.2)."""

LIGHT_SPEED_MPS = 299_792_458.0
"""Speed of light, m/s (SI, exact)."""
BOLTZMANN = 1.380649e-23
"""Boltzmann constant, J/K (SI, exact)."""
STANDARD_NOISE_K = 290.0
"""Reference noise temperature T0, K (IEEE Std 686)."""
K_REFRACTION = 4.0 / 3.0
"""Effective Earth radius factor of the standard atmosphere (ITU-R P.834)."""

HIGHEST_GROUND_M = 9_000.0
"""No ground is higher, m (Everest 8849 m): a ray that has climbed past it needs no more terrain."""
