//! Exports of users: all that imports take, page by page, each in a short transaction of its own.

pub mod api;
pub mod wire;

use crate::{
    access::policy::USER,
    kit::{
        db::Tx,
        error::Result,
        page::{Cursor, Page},
        selector::Direction,
        time::Timestamp,
    },
    user::{self, Detailed, Profile, UserOrder, UserQuery},
    user_import::{Row, cells, columns_of, line},
};
use std::collections::HashMap;

/// What an export is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How {
    /// Whether it is a table, else an object in each line.
    pub is_table: bool,
    /// Whether the hashes of passwords are in it.
    pub with_hashes: bool,
}

impl How {
    /// What comes before the users.
    #[must_use]
    pub fn head(self) -> Vec<u8> {
        match self.is_table {
            true => line(columns_of(self.with_hashes)),
            false => vec![],
        }
    }
}

/// Which users are exported, and how.
#[derive(Debug)]
pub struct Asked {
    /// Which.
    pub query: UserQuery,
    /// How.
    pub how: How,
}

/// Those of a question, in the order in which they were made.
#[must_use]
pub fn in_order(query: UserQuery) -> UserQuery {
    UserQuery {
        sort: vec![(UserOrder::CreatedAt, Direction::Ascending)],
        cursor: None,
        ..query
    }
}

/// Some users of an export, and where the others begin. Of whoever has a role of `above`, no hash is in it.
pub async fn page(tx: &Tx, query: &UserQuery, how: How, above: &[String]) -> Result<(Vec<u8>, Option<Cursor>)> {
    let page = Page {
        number: 1,
        size: Page::MAX_SIZE,
    };
    let listed = user::list(tx, query, page).await?;
    let ids: Vec<_> = listed.items.iter().map(|user| user.id).collect();
    let found = user::of_ids(tx, &ids).await?.into_iter();
    let mut found: HashMap<_, _> = found.map(|user| (user.user.id, user)).collect();
    let mut text = vec![];
    for user in ids.iter().filter_map(|id| found.remove(id)) {
        let is_above = user.roles.iter().any(|role| above.contains(role));
        let row = row(user, how.with_hashes && !is_above);
        if how.is_table {
            let cells = cells(&row, how.with_hashes);
            text.extend(line(cells.iter().map(String::as_str)));
        } else {
            serde_json::to_writer(&mut text, &row).map_err(anyhow::Error::from)?;
            text.push(b'\n');
        }
    }
    Ok((text, listed.next))
}

/// A user as imports take them.
fn row(from: Detailed, with_hashes: bool) -> Row {
    let annotations = from.annotations();
    let Detailed {
        user,
        addresses,
        roles,
        labels,
    } = from;
    let Profile {
        first_name,
        last_name,
        nickname,
        language,
        gender,
    } = Profile::of(&user);
    Row {
        id: Some(user.id.to_string()),
        name: Some(user.name),
        email_verified: addresses.primary.verified_at.is_some(),
        email: Some(addresses.primary.address),
        display_name: Some(user.display_name),
        first_name,
        last_name,
        nickname,
        language,
        gender: gender.map(user::Gender::name),
        phone: user.phone,
        bio: user.bio,
        avatar: user.avatar,
        created_at: Some(Timestamp(user.created_at).to_string()),
        disabled: user.disabled,
        must_change_password: user.must_change_password,
        password_hash: user.password_hash.filter(|_| with_hashes),
        roles: roles.into_iter().filter(|role| role != USER).collect(),
        labels,
        annotations,
    }
}
