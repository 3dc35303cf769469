//! Generated types, clients and servers: `pb::AREA::v1` for the package `lienthong.AREA.v1`.

macro_rules! area {
    ($(#[$doc:meta])* $area:ident, $package:literal) => {
        $(#[$doc])*
        pub mod $area {
            /// Version 1.
            pub mod v1 {
                include!(concat!(env!("OUT_DIR"), "/", $package, ".rs"));
            }
        }
    };
}

area! {
    /// The auditor: raw records.
    auditor, "lienthong.auditor.v1"
}
area! {
    /// Many commands over one call.
    bulk, "lienthong.bulk.v1"
}
area! {
    /// Verbs of any agency of a dossier.
    casework, "lienthong.casework.v1"
}
area! {
    /// What the services have in common.
    common, "lienthong.common.v1"
}
area! {
    /// Imports.
    history, "lienthong.history.v1"
}
area! {
    /// The land registry.
    land_registry, "lienthong.land_registry.v1"
}
area! {
    /// What is stored; used by no service.
    log, "lienthong.log.v1"
}
area! {
    /// A node as whoever runs it sees it.
    node, "lienthong.node.v1"
}
area! {
    /// Personal details, which lie encrypted.
    personal, "lienthong.personal.v1"
}
area! {
    /// Reading personal data, which leaves a trace.
    personal_reading, "lienthong.personal_reading.v1"
}
area! {
    /// Reports.
    reporting, "lienthong.reporting.v1"
}
area! {
    /// Queries and streams.
    reading, "lienthong.reading.v1"
}
area! {
    /// The tax office.
    tax_office, "lienthong.tax_office.v1"
}
area! {
    /// The one-stop desk.
    ward_desk, "lienthong.ward_desk.v1"
}

/// `Debug` of what is about persons: the name of the message, so that no log line, error or panic shows more.
mod hidden {
    use std::fmt;

    use super::personal::v1::{Applicant, Building, Particular, Party, PersonalDetails, Plot, Transfer};
    use super::personal_reading::v1::{FindDossiersRequest, PersonalEvent, PlotNumber, ReadPersonalResponse};

    macro_rules! hidden {
        ($($name:ident),* $(,)?) => {
            $(impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(concat!(stringify!($name), "(..)"))
                }
            })*
        };
    }

    hidden! {
        Applicant, Building, FindDossiersRequest, Particular, Party, PersonalDetails, PersonalEvent, Plot,
        PlotNumber, ReadPersonalResponse, Transfer,
    }
}
