"""The pictures that the procedural renderer can paint, one a file, by the recipe's word."""

from importlib import import_module
from typing import cast

from tasks.rendering.backends.procedural.stage import Theme

_PACKAGE = "tasks.rendering.backends.procedural.themes"
_CLASSES = {
    "liquid-abstract": "liquid_abstract:LiquidAbstract",
    "geometric-morph": "geometric_morph:GeometricMorph",
    "digital-rain": "digital_rain:DigitalRain",
    "particle-flow": "particle_flow:ParticleFlow",
    "tunnel": "tunnel:Tunnel",
    "laser-fog": "laser_fog:LaserFog",
    "aurora": "aurora:Aurora",
    "impact-moment": "impact_moment:ImpactMoment",
    "clouds": "clouds:Clouds",
    "bokeh": "bokeh:Bokeh",
    "crystals": "crystals:Crystals",
    "nebula": "nebula:Nebula",
    "ocean": "ocean:Ocean",
    "neon-city": "neon_city:NeonCity",
    "gradient-waves": "gradient_waves:GradientWaves",
    "circuit": "circuit:Circuit",
}
THEMES = tuple(_CLASSES)


def theme_module(name: str) -> str:
    """Import name of the module that paints a theme."""
    return f"{_PACKAGE}.{_CLASSES[name].partition(':')[0]}"


def load_theme(name: str) -> type[Theme]:
    """The class that paints one of `THEMES`."""
    class_name = _CLASSES[name].partition(":")[2]
    return cast(type[Theme], getattr(import_module(theme_module(name)), class_name))
