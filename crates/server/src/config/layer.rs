//! One source of settings.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use figment::providers::{Format as _, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Error, Metadata, Profile, Provider};

use super::ConfigError;

/// What the names of environment variables begin with.
const PREFIX: &str = "CONFAB__";

/// Settings from one place.
#[derive(Debug)]
pub(super) struct Layer {
    place: Place,
    settings: Dict,
}

/// Where settings come from, for messages.
#[derive(Debug, Clone)]
enum Place {
    Named(String),
    /// The names of the variables.
    Environment(Vec<String>),
}

impl Place {
    /// The place of one setting.
    fn of(&self, key: &[&str]) -> String {
        match self {
            Self::Named(name) => name.clone(),
            Self::Environment(names) => {
                let name = format!("{PREFIX}{}", key.join("__"));
                // Of a section that does not exist, any variable will do.
                let section = format!("{name}__");
                let set_it = |candidate: &&String| {
                    candidate.eq_ignore_ascii_case(&name)
                        || candidate.get(..section.len()).is_some_and(|start| start.eq_ignore_ascii_case(&section))
                };
                names.iter().find(set_it).unwrap_or(&name).clone()
            }
        }
    }
}

impl Layer {
    /// The built-in defaults.
    pub(super) fn defaults(text: &str) -> Result<Self, ConfigError> {
        Self::toml("the built-in defaults".to_owned(), text)
    }

    /// What a file holds.
    pub(super) fn file(path: &Path) -> Result<Self, ConfigError> {
        let place = path.display().to_string();
        match fs::read_to_string(path) {
            Ok(text) => Self::toml(place, &text),
            Err(error) => Err(ConfigError::new(&place, format_args!("cannot be read: {error}"))),
        }
    }

    /// What a text in TOML holds.
    pub(super) fn toml(place: String, text: &str) -> Result<Self, ConfigError> {
        match Toml::from_str(text) {
            Ok(settings) => Ok(Self { place: Place::Named(place), settings }),
            Err(error) => {
                let line = error.span().map_or(0, |span| text[..span.start].matches('\n').count()) + 1;
                Err(ConfigError::new(&place, format_args!("line {line} is not TOML: {}", error.message())))
            }
        }
    }

    /// What environment variables say. Those that are none of ours do not matter.
    pub(super) fn environment(
        variables: impl Iterator<Item = (OsString, OsString)>,
        defaults: &Self,
    ) -> Result<Self, ConfigError> {
        let mut names = Vec::new();
        let mut sections: Map<String, Dict> = Map::new();
        for (name, value) in variables {
            let name = name.to_string_lossy().into_owned();
            let Some(key) = name.strip_prefix(PREFIX) else {
                defaults.refuse_near_miss(&name)?;
                continue;
            };
            let key = key.to_lowercase();
            let Some((section, key)) = key.split_once("__").filter(|(_, key)| !key.contains("__")) else {
                return Err(ConfigError::new(&name, "is no setting; they are named CONFAB__SECTION__KEY"));
            };
            let Ok(text) = value.into_string() else {
                return Err(ConfigError::new(&name, "is not valid UTF-8"));
            };
            let value = match defaults.get(section, key) {
                // Text is taken as it is, even where it looks like a number or a list.
                Some(Value::String(..)) => Value::from(text),
                _ => match text.parse() {
                    Ok(value) => value,
                },
            };
            sections.entry(section.to_owned()).or_default().insert(key.to_owned(), value);
            names.push(name);
        }
        let settings = sections.into_iter().map(|(section, keys)| (section, Value::from(keys))).collect();
        Ok(Self { place: Place::Environment(names), settings })
    }

    /// What a flag says.
    pub(super) fn flag(flag: &str, section: &str, key: &str, value: &str) -> Self {
        let keys = Dict::from([(key.to_owned(), Value::from(value))]);
        let settings = Dict::from([(section.to_owned(), Value::from(keys))]);
        Self { place: Place::Named(flag.to_owned()), settings }
    }

    /// A variable that is a setting but for its underscores or its case would be passed over in silence.
    fn refuse_near_miss(&self, name: &str) -> Result<(), ConfigError> {
        let squeezed = |text: &str| text.to_lowercase().replace('_', "");
        for (section, keys) in &self.settings {
            for key in keys.as_dict().into_iter().flat_map(Dict::keys) {
                let meant = format!("{PREFIX}{}__{}", section.to_uppercase(), key.to_uppercase());
                if squeezed(name) == squeezed(&meant) {
                    return Err(ConfigError::new(name, format_args!("is no setting; {meant} is")));
                }
            }
        }
        Ok(())
    }

    fn get(&self, section: &str, key: &str) -> Option<&Value> {
        self.settings.get(section)?.as_dict()?.get(key)
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        let place = self.place.clone();
        Metadata::named("configuration").interpolater(move |_: &Profile, key: &[&str]| place.of(key))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Map::from([(Profile::Default, self.settings.clone())]))
    }
}

#[cfg(test)]
impl Layer {
    /// All of it.
    pub(super) const fn settings(&self) -> &Dict {
        &self.settings
    }
}
