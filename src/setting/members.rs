//! The members of a setting, each on its own: only those are stored that the tenant decided otherwise.

use super::Setting;
use serde_json::{Map, Value, json};

/// The members of `value` that differ from what is inherited. Those of objects count one by one; a list, or a map
/// that is empty unless the tenant fills it, is a member as a whole.
pub(super) fn decided(value: &Value, inherited: &Value) -> Value {
    differing(value, inherited).unwrap_or_else(|| json!({}))
}

fn differing(value: &Value, inherited: &Value) -> Option<Value> {
    match (value, inherited) {
        (Value::Object(members), Value::Object(known)) if !known.is_empty() => {
            let differ = |(name, value): (&String, &Value)| {
                let inherited = known.get(name).unwrap_or(&Value::Null);
                Some((name.clone(), differing(value, inherited)?))
            };
            let differing: Map<_, _> = members.iter().filter_map(differ).collect();
            (!differing.is_empty()).then(|| differing.into())
        }
        _ => (value != inherited).then(|| value.clone()),
    }
}

/// What is inherited, with what was decided in its place.
pub(super) fn merged(inherited: &mut Value, decided: &Value) {
    match (inherited, decided) {
        (Value::Object(members), Value::Object(decided)) if !members.is_empty() => {
            for (name, decided) in decided {
                merged(members.entry(name.clone()).or_insert(Value::Null), decided);
            }
        }
        (inherited, decided) => inherited.clone_from(decided),
    }
}

/// A setting of what was decided, and the members that are not valid any more, which are as inherited: a row that
/// this program does not understand may not keep people from signing in.
pub(super) fn read<T: Setting>(decided: &Value) -> (T, Vec<String>) {
    let inherited = json!(T::default());
    let mut all = inherited.clone();
    merged(&mut all, decided);
    if let Some(setting) = valid(all) {
        return (setting, vec![]);
    }
    let (mut good, mut wrong) = (inherited, vec![]);
    for (name, value) in decided.as_object().into_iter().flatten() {
        let mut more = good.clone();
        merged(&mut more, &json!({ name.as_str(): value }));
        match valid::<T>(more.clone()) {
            Some(_) => good = more,
            None => wrong.push(name.clone()),
        }
    }
    (valid(good).unwrap_or_default(), wrong)
}

fn valid<T: Setting>(value: Value) -> Option<T> {
    // A list would be taken for the members in their order.
    value.is_object().then(|| T::deserialize(value).ok()?.check().ok())?
}
