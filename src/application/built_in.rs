//! The applications that every tenant has from its beginning.

use super::{
    entity::{Column, Entity},
    insert,
    kind::{AuthMethod, Grant, Origin, Preset},
    new_row, scope,
    spec::Spec,
};
use crate::kit::{db::Tx, error::Result};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Their names, what they are, and what people call them.
const ALL: [(&str, Preset, &str); 3] = [
    // The console that comes with the server, and the pages that try the API.
    ("console", Preset::SinglePage, "Console"),
    ("swagger-ui", Preset::SinglePage, "Swagger UI"),
    // Whoever signs in by a group that is no OAuth.
    ("direct", Preset::Label, "Direct sign-in"),
];

/// Makes the built-in applications of a new tenant, unless it has them.
pub async fn ensure_built_in(tx: &Tx) -> Result<()> {
    let built_in = Entity::find().filter(Column::Origin.eq(Origin::BuiltIn));
    if built_in.one(tx).await?.is_some() {
        return Ok(());
    }
    for (name, preset, display_name) in ALL {
        let display_name = display_name.parse().map_err(anyhow::Error::msg)?;
        let mut spec = Spec::new(preset, display_name);
        spec.first_party = true;
        spec.grants.retain(|grant| *grant != Grant::DeviceCode);
        spec.auth_methods = vec![AuthMethod::None];
        let scopes = scope::STANDARD.iter().filter(|scope| **scope != "address");
        spec.scopes = scopes.chain([&scope::API]).map(|scope| (*scope).to_owned()).collect();
        spec.normalize();
        insert(tx, new_row(tx, name, preset, Origin::BuiltIn, &spec), spec).await?;
    }
    Ok(())
}
