//! A znode's ACL: who, and what he may do, as ZooKeeper's shell writes it. One row for each
//! entry.

use ratatui::layout::Rect;

use super::pen::Pen;
use super::theme::Role;
use crate::explorer::AclState;

/// What one row says.
pub(super) struct AclRow {
    /// Before the first one.
    label: &'static str,
    who: String,
    perms: String,
    role: Role,
}

/// The rows of an ACL, or the one that says why it isn't there.
pub(super) fn rows(acl: &AclState) -> Vec<AclRow> {
    let single = |who: &str, role| {
        let (who, perms) = (who.to_owned(), String::new());
        vec![AclRow {
            label: "acl",
            who,
            perms,
            role,
        }]
    };
    match acl {
        AclState::Loading => single("", Role::Dim),
        AclState::Failed(failure) => single(&failure.text, Role::Caution),
        AclState::Known(list) if list.is_empty() => {
            single("empty: nobody may do anything", Role::Caution)
        }
        AclState::Known(list) => list
            .iter()
            .enumerate()
            .map(|(at, entry)| AclRow {
                label: if at == 0 { "acl" } else { "" },
                who: format!("{}:{}", entry.id.scheme, entry.id.id),
                perms: entry.perms.to_string(),
                role: Role::Text,
            })
            .collect(),
    }
}

/// Draws one of them: the label, the permissions, who.
pub(super) fn draw(pen: &mut Pen, area: Rect, row: &AclRow) {
    let mut line = pen.row(area);
    let width = line.room();
    line.put(row.label, Role::Dim)
        .skip_to(width, "ephemeralOwner ".len());
    if !row.perms.is_empty() {
        line.put(&row.perms, Role::Text).skip(2);
    }
    line.path(&row.who, 0, row.role);
}
