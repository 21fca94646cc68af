//! The members of a setting, each on its own: only those are stored that somebody decided otherwise.
//!
//! Members of objects count one by one; a list, or a map that is empty unless somebody fills it, is a member as a
//! whole. Which they are is said by the setting as it is by default. A member is named by its path, as `signInPair.free`.

use super::Setting;
use serde_json::{Map, Value, json};

/// The paths of all members of a setting that is so by default.
pub(super) fn paths(shape: &Value) -> Vec<String> {
    let Value::Object(members) = shape else { return vec![] };
    let each = members.iter().flat_map(|(name, shape)| match paths(shape) {
        below if below.is_empty() => vec![name.clone()],
        below => below.iter().map(|path| format!("{name}.{path}")).collect(),
    });
    each.collect()
}

/// Whether a path is this one, or below it.
pub(super) fn is_within(path: &str, above: &str) -> bool {
    let rest = path.strip_prefix(above);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The member of this path.
pub(super) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

/// Makes the member of this path this one.
pub(super) fn set(value: &mut Value, path: &str, member: Value) {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    if !value.is_object() {
        *value = json!({});
    }
    match rest {
        "" => value[name] = member,
        rest => set(&mut value[name], rest, member),
    }
}

/// The members of `value` that differ from those that are inherited.
pub(super) fn decided(value: &Value, inherited: &Value, shape: &Value) -> Value {
    let mut decided = json!({});
    for path in paths(shape) {
        let member = at(value, &path);
        if member != at(inherited, &path) {
            set(&mut decided, &path, member.cloned().unwrap_or_default());
        }
    }
    decided
}

/// What was decided, without these members.
pub(super) fn without(decided: &Value, gone: &[String]) -> Value {
    fn left(value: &Value, at: &str, gone: &[String]) -> Option<Value> {
        if gone.iter().any(|gone| gone == at) {
            return None;
        }
        let Value::Object(members) = value else {
            return Some(value.clone());
        };
        let each = members.iter().filter_map(|(name, value)| {
            let at = match at {
                "" => name.clone(),
                at => format!("{at}.{name}"),
            };
            Some((name.clone(), left(value, &at, gone)?))
        });
        Some(each.collect::<Map<_, _>>().into())
    }
    left(decided, "", gone).unwrap_or_default()
}

/// What is inherited, with what was decided in its place.
fn merge(inherited: &mut Value, decided: &Value, shape: &Value) {
    match (decided, shape) {
        (Value::Object(decided), Value::Object(shape)) if !shape.is_empty() && inherited.is_object() => {
            for (name, decided) in decided {
                merge(&mut inherited[name], decided, shape.get(name).unwrap_or(&Value::Null));
            }
        }
        (decided, _) => inherited.clone_from(decided),
    }
}

/// A setting of what was decided, and the members that are not valid any more, which are as inherited: a row that
/// this program does not understand may not keep people from signing in.
pub(super) fn read<T: Setting>(decided: &Value, inherited: &T) -> (T, Vec<String>) {
    let (shape, inherited) = (json!(T::default()), json!(inherited));
    let mut all = inherited.clone();
    merge(&mut all, decided, &shape);
    if let Some(setting) = valid(all) {
        return (setting, vec![]);
    }
    let (mut good, mut wrong) = (inherited, vec![]);
    for (name, value) in decided.as_object().into_iter().flatten() {
        let mut more = good.clone();
        merge(&mut more, &json!({ name.as_str(): value }), &shape);
        match valid::<T>(more.clone()) {
            Some(_) => good = more,
            None => wrong.push(name.clone()),
        }
    }
    (valid(good).unwrap_or_default(), wrong)
}

/// A setting of all its members, if they are valid.
pub(super) fn valid<T: Setting>(value: Value) -> Option<T> {
    // A list would be taken for the members in their order.
    value.is_object().then(|| T::deserialize(value).ok()?.check().ok())?
}
