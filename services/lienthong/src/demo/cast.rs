//! The people of the stories, all invented. 999 is no province, so the id numbers belong to nobody.

use fastrand::Rng;
use lienthong_wire::pb::common::v1::{Actor, Power};
use lienthong_wire::pb::personal::v1::{Applicant, Party, PartyRole, PersonalDetails, Plot, Transfer};

const FAMILY: [&str; 8] = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đỗ", "Lò"];
const MIDDLE: [&str; 6] = ["Thị", "Văn", "Minh", "Thanh", "Ngọc", "Đức"];
const GIVEN: [&str; 10] = ["Mẫu", "An", "Bình", "Cường", "Dung", "Giang", "Hạnh", "Khánh", "Linh", "Thảo"];

fn name(rng: &mut Rng) -> String {
    let mut pick = |names: &[&'static str]| rng.choice(names.iter().copied()).unwrap_or_default();
    format!("{} {} {}", pick(&FAMILY), pick(&MIDDLE), pick(&GIVEN))
}

/// An officer of an agency, who may do so much in its name.
pub(crate) fn officer(rng: &mut Rng, agency: &str, role: &str, power: Power) -> Actor {
    let number = rng.u32(1..10);
    Actor {
        officer_id: format!("{agency}-cb{number:02}"),
        name: name(rng),
        role: role.to_owned(),
        power: power.into(),
    }
}

/// Someone who brings a dossier.
pub(crate) fn person(rng: &mut Rng) -> Applicant {
    Applicant {
        name: name(rng),
        id_number: format!("999{:09}", rng.u32(..1_000_000_000)),
        address: format!("{} đường Mẫu, Thanh Hóa", rng.u32(1..300)),
        phone: "0000000000".to_owned(),
        email: "mau@congdan.example".to_owned(),
        birth_date: format!("19{}-0{}-1{}", rng.u32(60..99), rng.u32(1..10), rng.u32(..10)),
        tax_code: String::new(),
    }
}

/// The parties and the plot of a transaction, as the slip states them.
pub(super) fn transaction(
    rng: &mut Rng,
    applicant: &Applicant,
    table: u64,
    contract: u64,
) -> PersonalDetails {
    let party = |ordinal, role: PartyRole, person| Party {
        ordinal,
        role: role.into(),
        person: Some(person),
        share_per_10000: 10_000,
        relation: String::new(),
    };
    let giver = person(rng);
    PersonalDetails {
        parties: vec![
            party(1, PartyRole::Transferor, giver),
            party(2, PartyRole::Transferee, applicant.clone()),
        ],
        plots: vec![Plot {
            parcel: rng.u32(1..2_000).to_string(),
            map_sheet: rng.u32(1..90).to_string(),
            area_m2_hundredths: rng.u64(5_000..50_000),
            table_value_dong: table,
            ..Plot::default()
        }],
        transfer: Some(Transfer {
            contract: format!("{}/HĐ", rng.u32(1..900)),
            contract_value_dong: contract,
            ..Transfer::default()
        }),
        ..PersonalDetails::default()
    }
}
