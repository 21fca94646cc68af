//! Labels: free data of the tenant that users are selected by.

use super::entity::label;
use crate::kit::{
    db::Tx,
    error::{FieldError, Result},
    id::UserId,
    selector,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use std::collections::BTreeMap;

/// What is wrong with labels.
#[must_use]
pub fn label_problems(field: &str, labels: &BTreeMap<String, String>) -> Vec<FieldError> {
    let mut wrong = vec![];
    if labels.len() > 50 {
        wrong.push(FieldError::new(field, "length", "may have at most 50 entries"));
    }
    for (key, value) in labels {
        let why = selector::label_key_problem(key).or(selector::label_value_problem(value));
        let named = if selector::label_key_problem(key).is_some() {
            field.to_owned()
        } else {
            format!("{field}.{key}")
        };
        wrong.extend(why.map(|why| FieldError::new(named, "format", why)));
    }
    wrong
}

pub(super) async fn set_labels(tx: &Tx, user: UserId, labels: &BTreeMap<String, String>) -> Result<()> {
    label::Entity::delete_many()
        .filter(label::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    let rows = labels.iter().map(|(key, value)| label::ActiveModel {
        user_id: Set(user),
        key: Set(key.clone()),
        value: Set(value.clone()),
    });
    if !labels.is_empty() {
        label::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}
