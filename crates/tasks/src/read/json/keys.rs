//! The keys that the objects of a layout have.

/// What a layout's objects hold. A key that is in none of the lists is refused, so that nothing is skipped
/// unseen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keys {
    /// The name of the format.
    pub(crate) format: &'static str,
    /// What an object is called in messages: `example`, `task`, `dialogue`.
    pub(crate) item: &'static str,
    /// The keys that may hold its id, the first first.
    pub(crate) id: &'static [&'static str],
    /// The keys without which it is none of the layout.
    pub(crate) needed: &'static [&'static str],
    /// The other keys that are read.
    pub(crate) read: &'static [&'static str],
    /// The keys that published files have and that say nothing to any task here.
    pub(crate) ignored: &'static [&'static str],
}

impl Keys {
    /// Every key that such an object may have.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static str> {
        let Self { id, needed, read, ignored, .. } = *self;
        needed.iter().chain(read).chain(id).chain(ignored).copied()
    }

    /// Whether an object with `keys` may be one of the layout.
    pub(crate) fn fit<'k>(&self, keys: &(impl Iterator<Item = &'k str> + Clone)) -> bool {
        self.problem(keys).is_none()
    }

    /// Why an object with `keys` is none of the layout.
    pub(super) fn problem<'k>(&self, keys: &(impl Iterator<Item = &'k str> + Clone)) -> Option<String> {
        let known: Vec<&str> = self.needed.iter().chain(self.read).copied().collect();
        let other = keys.clone().find(|key| !self.all().any(|known| known == *key));
        let missing = || self.needed.iter().find(|needed| !keys.clone().any(|key| key == **needed));
        // Every key before the first unknown one is known, so the first that is repeated is near.
        let again = |(at, key): &(usize, &str)| keys.clone().take(*at).any(|before| before == *key);
        if other.is_none()
            && let Some((_, key)) = keys.clone().enumerate().find(again)
        {
            return Some(format!("the key {key:?} stands there twice"));
        }
        let problem = match (other, missing()) {
            (Some(other), _) => unknown(other, &known, &self.all().collect::<Vec<_>>()),
            (None, Some(missing)) => format!("the key {missing:?} is missing"),
            (None, None) => return None,
        };
        Some(problem)
    }
}

/// That a key is not one of `all`, and which of those that are read may be meant.
pub(super) fn unknown(key: &str, read: &[&str], all: &[&str]) -> String {
    let near = |known: &&&str| strsim::osa_distance(&key.to_lowercase(), known) <= 1 + known.len() / 5;
    if let Some(meant) = read.iter().filter(near).min_by_key(|known| strsim::osa_distance(key, known)) {
        return format!("the key {key:?} is not known; did you mean {meant:?}?");
    }
    match all {
        [] => format!("the key {key:?} is not known; no key is"),
        all => format!("the key {key:?} is not known; known are {}", all.join(", ")),
    }
}
