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

/// The console that comes with the server.
pub const CONSOLE: &str = "console";
/// Where people come back to it, below the tenant's base.
pub const CONSOLE_CALLBACK: &str = "/console/sign-in/callback";
/// The pages that try the API.
pub const SWAGGER_UI: &str = "swagger-ui";

/// An application that every tenant has.
struct BuiltIn {
    name: &'static str,
    preset: Preset,
    /// What people call it.
    display_name: &'static str,
    /// Where people come back to it, below the tenant's base.
    redirects: &'static [&'static str],
}

const ALL: [BuiltIn; 3] = [
    BuiltIn {
        name: CONSOLE,
        preset: Preset::SinglePage,
        display_name: "Console",
        redirects: &[CONSOLE_CALLBACK],
    },
    BuiltIn {
        name: SWAGGER_UI,
        preset: Preset::SinglePage,
        display_name: "Swagger UI",
        redirects: &["/swagger-ui/oauth2-redirect.html"],
    },
    // Whoever signs in by a group that is no OAuth.
    BuiltIn {
        name: "direct",
        preset: Preset::Label,
        display_name: "Direct sign-in",
        redirects: &[],
    },
];

/// Where people come back to a built-in application, below the tenant's base. No row has it: it follows from what
/// this program serves, in every tenant and whatever its base is.
pub(super) fn redirects(name: &str) -> Vec<String> {
    let known = ALL.iter().find(|known| known.name == name);
    let paths = known.map(|known| known.redirects).unwrap_or_default();
    paths.iter().map(|path| (*path).to_owned()).collect()
}

/// Makes the built-in applications of a new tenant, unless it has them.
pub async fn ensure_built_in(tx: &Tx) -> Result<()> {
    let built_in = Entity::find().filter(Column::Origin.eq(Origin::BuiltIn));
    if built_in.one(tx).await?.is_some() {
        return Ok(());
    }
    for known in ALL {
        let display_name = known.display_name.parse().map_err(anyhow::Error::msg)?;
        let mut spec = Spec::new(known.preset, display_name);
        spec.first_party = true;
        spec.grants.retain(|grant| *grant != Grant::DeviceCode);
        spec.auth_methods = vec![AuthMethod::None];
        let scopes = scope::STANDARD.iter().filter(|scope| **scope != "address");
        spec.scopes = scopes.chain([&scope::API]).map(|scope| (*scope).to_owned()).collect();
        spec.normalize();
        let row = new_row(tx, known.name, known.preset, Origin::BuiltIn, &spec);
        insert(tx, row, spec).await?;
    }
    Ok(())
}
