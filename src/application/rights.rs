//! What happens to applications when roles and APIs change.

use super::entity::{access, role, scope};
use crate::kit::{db::Tx, error::Result};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, Query},
};

fn holding(roles: &[String]) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(role::Column::ApplicationId)
        .from(role::Entity)
        .and_where(role::Column::Role.is_in(roles.iter().map(String::as_str)))
        .to_owned()
}

/// Whether an application has this role, or lets in those who do.
pub async fn holds_any(tx: &Tx, name: &str) -> Result<bool> {
    let has = role::Entity::find().filter(role::Column::Role.eq(name)).one(tx).await?;
    let lets_in = access::Entity::find().filter(access::Column::Role.eq(name));
    Ok(has.is_some() || lets_in.one(tx).await?.is_some())
}

/// Whether an application has one of these roles and one of those.
pub async fn holds_both(tx: &Tx, these: &[String], those: &[String]) -> Result<bool> {
    let mut both = holding(those);
    both.and_where(role::Column::ApplicationId.in_subquery(holding(these)));
    Ok(tx.query_one(both.limit(1)).await?.is_some())
}

/// Gives every application that has a role, or lets in those who do, another one instead.
pub async fn replace_role(tx: &Tx, old: &str, new: &str) -> Result<()> {
    macro_rules! replace {
        ($table:ident) => {{
            let with_new = Query::select()
                .column($table::Column::ApplicationId)
                .from($table::Entity)
                .and_where($table::Column::Role.eq(new))
                .to_owned();
            $table::Entity::delete_many()
                .filter($table::Column::Role.eq(old))
                .filter($table::Column::ApplicationId.in_subquery(with_new))
                .exec(tx)
                .await?;
            $table::Entity::update_many()
                .col_expr($table::Column::Role, Expr::value(new))
                .filter($table::Column::Role.eq(old))
                .exec(tx)
                .await?;
        }};
    }
    replace!(role);
    replace!(access);
    Ok(())
}

/// Takes from every application the right to ask for tokens of an API that goes.
pub async fn forget_audience(tx: &Tx, audience: &str) -> Result<()> {
    scope::Entity::delete_many()
        .filter(scope::Column::Audience.eq(audience))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes these scopes of an API from every application.
pub async fn forget_scopes(tx: &Tx, audience: &str, scopes: &[&str]) -> Result<()> {
    scope::Entity::delete_many()
        .filter(scope::Column::Audience.eq(audience))
        .filter(scope::Column::Scope.is_in(scopes.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}
