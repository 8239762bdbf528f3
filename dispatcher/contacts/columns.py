"""What a column holds, told by its heading: the words offices use, as a table.

Headings are compared without accents, case, spaces and punctuation. Rules are tried from top to bottom and
the first that fits wins, so the narrow ones stand first ("Quan hệ với chủ hộ" is no name).
"""

from __future__ import annotations

import re
from functools import lru_cache

from dispatcher.i18n import N_
from dispatcher.vietnamese import text

# kind -> what it is called in an account; the keys are the words an organiser may use in `columns`
COLUMN_KINDS: dict[str, str] = {
    "number": N_("running number"),
    "name": N_("full name"),
    "family_name": N_("family and middle name"),
    "given_name": N_("given name"),
    "honorific": N_("form of address"),
    "sex": N_("sex, for ông or bà"),
    "male": N_("tick for men, for ông"),
    "female": N_("tick for women, for bà"),
    "phone": N_("telephone number"),
    "zalo": N_("Zalo number"),
    "email": N_("e-mail address"),
    "area": N_("thôn, xóm or tổ"),
    "part_of_area": N_("xóm or tổ"),
    "address": N_("address"),
    "old_commune": N_("commune before the merger"),
    "unit": N_("agency or unit"),
    "party_cell": N_("chi bộ"),
    "class": N_("class"),
    "role": N_("position"),
    "pupil": N_("pupil, not imported"),
    "father": N_("father's name"),
    "mother": N_("mother's name"),
    "parent": N_("parent's name"),
    "father_phone": N_("father's number"),
    "mother_phone": N_("mother's number"),
    "parent_phone": N_("parent's number"),
    "note": N_("note"),
    "consent": N_("wish to receive messages"),
    "timestamp": N_("moment of the answer"),
    "ignore": N_("not imported"),
}

_PHONE = (
    r"(?:sdt|so dt|so ddt|dt|dtdd|so dd|dd|dien thoai|di dong|d thoai|phone|mobile|tel|so may|zalo|hotline)"
)
_FATHER, _MOTHER = r"(?:bo(?! phan| mon| me)|cha(?! me)|father)", r"(?:me|mother)"
_PARENT = r"(?:phu huynh|ph|ba me|bo me|cha me|giam ho|gia dinh|nguoi than|nguoi nuoi duong|parent|guardian)"
_PUPIL = r"(?:hoc sinh|hs|tre|chau|con|em|student|pupil|hoc vien)"
_NAMED = r"(?:ho ten|ho va ten|ten|ho)"

# kind, then patterns over the folded words of a heading; `^…$` must fit the whole of it
_RULES: tuple[tuple[str, ...], ...] = (
    ("timestamp", "dau thoi gian", "timestamp", "thoi (?:gian|diem) (?:gui|nop|tra loi|dang ky)",
     "^ngay (?:gui|nop)$"),
    ("consent", "(?:dong y|chap thuan|cho phep|muon|dang ky|san sang|co the) nhan", r"^dong y\b",
     "^consent$"),
    ("consent", "(?:dong y|chap thuan|cho phep|muon).*(?:nhan tin|tin nhan|sms|thong bao|gui tin)"),
    ("female", "^(?:ngay |ngay thang )?nam sinh nu$", "^ngay sinh nu$", "^gioi tinh nu$", "^(?:la )?nu$"),
    ("male", "^(?:ngay |ngay thang )?nam sinh nam$", "^ngay sinh nam$", "^gioi tinh nam$",
     "^(?:la )?nam$"),
    ("ignore", "^can sua$", "^lay tu$", "^to correct$", "^taken from$"),  # of a file of rows to correct
    # not needed for writing to somebody, and some of it nobody's business
    ("ignore", "quan he", "ky nhan", "chu ky", "ky ten", "ky xac nhan", "^ky$"),
    ("ignore", "cccd", "cmnd", "cmtnd", "can cuoc", "chung minh", "dinh danh", "ho chieu", "so the",
     "so ho khau", "^id$", r"^ma\b", r"\bma so\b"),
    ("ignore", "^ns$", "sinh ngay", "(?:ngay|nam|noi|thang) (?:thang )?(?:nam )?sinh", "^tuoi$",
     "^do tuoi$", "birth", "^dob$"),
    ("ignore", "dan toc", "ton giao", "quoc tich", "que quan", "nguyen quan", "hon nhan", "suc khoe",
     "khuyet tat"),
    ("ignore", "ngheo", "doi tuong", "chinh sach", "bao hiem", "bhyt", "tro cap", "thu nhap",
     "hoan canh", "dien uu tien"),
    ("ignore", "trinh do", "hoc van", "chuyen nganh", "ly luan", "nghe nghiep", "ngoai ngu", "tin hoc",
     "bang cap", "ngach", "bac luong", "luong"),
    ("ignore", "vao dang", "ket nap", "chinh thuc", "vao doan", "huy hieu", "ngay cap", "noi cap",
     "ngay vao", "ngay chuyen", "nam vao"),
    ("ignore", "tai khoan", "ngan hang", "so nha", "so (?:nhan )?khau", "so nguoi", "so luong", "so ho$",
     "diem", "xep loai", "facebook"),
    ("ignore",
     "^(?:tinh|huyen|quan|thanh pho|tp|quoc gia|tinh thanh pho|quan huyen|duong|duong pho|so to khai)$"),
    # the families of a class list
    ("parent_phone", rf"\b{_PHONE}\b.*\b{_PARENT}\b", rf"\b{_PARENT}\b.*\b{_PHONE}\b"),
    ("father_phone", rf"\b{_PHONE}\b.*\b{_FATHER}\b", rf"^{_FATHER}\b.*\b{_PHONE}\b"),
    ("mother_phone", rf"\b{_PHONE}\b.*\b{_MOTHER}\b", rf"^{_MOTHER}\b.*\b{_PHONE}\b"),
    ("email", "e mail", "email", r"\bmail\b", "thu dien tu", "hom thu", "hop thu", "gmail", "thu cong vu"),
    ("parent", rf"{_NAMED}.*\b{_PARENT}\b", rf"^{_PARENT}\b", "(?:nguoi|ong ba) giam ho",
     rf"\b{_PARENT} hoc sinh"),
    ("father", rf"{_NAMED}.*\b{_FATHER}\b", rf"^(?:hs )?{_FATHER}\b"),
    ("mother", rf"{_NAMED}.*\b{_MOTHER}\b", rf"^(?:hs )?{_MOTHER}\b"),
    # telephone and mail before "Địa chỉ liên hệ, điện thoại"
    ("zalo", "^(?:lien he |lien lac )?(?:so |sdt |nick |tai khoan )?zalo$"),
    ("phone", rf"\b{_PHONE}\b", "so lien (?:he|lac)", "^lien (?:he|lac)$", "^sim$", "^so goi$", "phone"),
    ("pupil", rf"{_NAMED}.*\b{_PUPIL}\b", rf"^{_PUPIL}$", rf"^{_PUPIL} .*{_NAMED}$", "^ten tre"),
    ("note", "ghi chu", "chu thich", "^gc$", "tinh trang", "trang thai", "hien trang", "bien dong",
     "dien bien", "^ly do", "^note", "^notes$", "luu y", "nhan xet"),
    ("old_commune", r"\bxa (?:phuong )?cu\b", r"\bphuong cu\b", "truoc sap nhap", "dia ban cu"),
    ("party_cell", "chi bo", "^to dang$", "dang bo"),
    ("role", "chuc vu", "chuc danh", "nhiem vu", "vi tri", "chuc trach", "cuong vi", "^cv$", "^role$",
     "position", "cong viec", "vai tro"),
    ("class", r"^lop\b", r"\bten lop\b", "^class$", "lop (?:hoc|cua)"),
    ("unit", "to chuyen mon", "don vi", "co quan", "phong ban", r"^phong\b", "bo phan", "noi cong tac",
     "noi lam viec", "to chuc", "^ban$", r"^khoi\b"),
    ("unit", r"^truong\b", "ten truong", "^unit$", "organi[sz]ation", "department", "to cong nghe"),
    ("address", "dia chi", "noi o", "cho o", "thuong tru", "tam tru", "ho khau", "^d c$", "^dc$",
     "address", "noi cu tru", "cu tru"),
    ("area", r"\bthon\b", "to dan pho", "^tdp$", "khu dan cu", "^kdc$", r"^khu\b", r"\blang\b", r"^ap\b",
     r"^ban\b", r"^buon\b", "dia ban", "khu vuc", "khu pho"),
    ("area", "^area$", "village", "hamlet"),
    ("part_of_area", r"^xom\b", r"\bxom$", r"^to\b(?! truong)", "^to so", "^nhom$", "^ngo$", r"^cum\b"),
    ("honorific", "danh xung", "xung ho", "^ong ba$", "^quy danh$", "honorific", "^title$"),
    ("sex", "gioi tinh", "^gt$", "^phai$", "^nam nu$", "^sex$", "^gender$"),
    ("number", r"^(?:stt|tt|so tt|so thu tu|no|so|thu tu|\#)$"),
    ("family_name", "^ho(?: va| ten| va ten)? ?(?:dem|lot|ten dem|va chu dem)$", "^ho$", "^ten dem$",
     "^ho va$", "^(?:last|family|middle) name$", "^surname$"),
    ("given_name", "^ten$", "^(?:first|given) ?name$", "^ten rieng$", "^ten goi$"),
    ("name", "ho ten", "ho va ten", "ho va  ten", "ten chu ho", "chu ho", "^ho va$", "full ?name",
     "^name$", "ten day du", "nguoi dai dien", "dai dien ho"),
    ("name", r"^ten\b.*(?:nguoi|can bo|dang vien|ong ba|cua ban)",
     "^(?:can bo|dang vien|hoi vien|thanh vien|nguoi dan|cong dan)$"),
)  # fmt: skip
_COMPILED = tuple((kind, re.compile("|".join(patterns))) for kind, *patterns in _RULES)
# Dotted and run-together abbreviations: "S.Đ.T", "Đ/T", "Hovaten". Compared as one word.
_RUN_TOGETHER: dict[str, str] = {
    **dict.fromkeys(("sdt", "sodt", "dt", "dtdd", "sodd", "dd", "dthoai"), "phone"),
    **dict.fromkeys(("sodienthoai", "dienthoai", "phonenumber"), "phone"),
    **dict.fromkeys(("hovaten", "hoten", "fullname", "tenchuho"), "name"),
    **dict.fromkeys(("hodem", "holot", "hovadem"), "family_name"),
    **dict.fromkeys(("stt", "tt"), "number"),
    **dict.fromkeys(("chucvu", "chucdanh"), "role"),
    **dict.fromkeys(("ghichu", "gchu"), "note"),
    **dict.fromkeys(("donvi", "coquan"), "unit"),
    **dict.fromkeys(("chibo",), "party_cell"),
    **dict.fromkeys(("diachi", "dc"), "address"),
    **dict.fromkeys(("ngaysinh", "namsinh", "cccd", "cmnd"), "ignore"),
}  # fmt: skip
HEADING_MAX_CHARACTERS = 250  # the longest questions of form exports; a paragraph is no heading

# What makes a row of headings probable: a list of people has names and a way to reach them.
WEIGHTS: dict[str, float] = {
    **dict.fromkeys(COLUMN_KINDS, 1.0),
    **dict.fromkeys(("name", "family_name", "phone", "father_phone", "mother_phone", "parent_phone"), 3.0),
    **dict.fromkeys(("email", "pupil", "father", "mother", "parent", "number"), 2.0),
    "ignore": 0.75,
    "zalo": 2.0,
}
PHONE_KINDS = frozenset({"phone", "zalo", "father_phone", "mother_phone", "parent_phone"})
NAME_KINDS = frozenset({"name", "family_name", "given_name", "father", "mother", "parent"})


@lru_cache(maxsize=4096)
def kind_of(heading: str) -> str:
    """Return what a column under `heading` holds: a key of KINDS, empty when the words are unknown."""
    if not heading or len(heading) > HEADING_MAX_CHARACTERS:
        return ""
    run_together = _RUN_TOGETHER.get(text.fold(heading))
    if run_together:
        return run_together
    words = text.fold_words(heading)
    for kind, pattern in _COMPILED:
        if pattern.search(words):
            is_year = words == "nam" and "ă" in text.nfc(heading).lower()  # năm, not nam
            return "ignore" if is_year else kind
    return ""
