"""The words of headings, as tables: what a column holds, whose it is, and of when.

Headings are compared without accents, case, spaces and punctuation. Rules are tried from top to bottom and
the first that fits wins, so the narrow ones stand first ("Quan hệ với chủ hộ" is no name).
"""

from __future__ import annotations

import re

PHONE = (
    r"(?:sdt|so dt|so ddt|(?<!gd )dt|dtdd|so dd|dd(?! mm)|dien thoai|di dong|d thoai|phone|mobile"
    r"|tel|(?<!ban )so may(?! so khung| tinh| in)"
    r"|zalo|hotline|cell"
    r"|telephone|viber|whatsapp|landline|so lien (?:he|lac)|so (?:de )?(?:goi|nhan tin)|so cua (?:con|chau|vo"
    r"|chong|bo|me|ong|ba|toi)\b|contact (?:no|number)|msisdn|cam tay"
    r"|thue bao|so nhan tin|emergency contact|lien he (?:khi )?khan cap|fax|may ban|sim)"
)
EMAIL = r"(?:e mail|email|mail|thu dien tu|hom thu|hop thu|gmail|thu cong vu|thu dt)"
_FATHER = (
    r"(?:(?<!can )(?<!dang )(?<!toan )(?<!noi )(?<!thu )bo(?! phan| mon| me| doi| sung| tri)|cha(?! me)"
    r"|father|(?<=[nti] )ba$)"
)
_MOTHER = r"(?:me|mother|(?:(?<=dt )|(?<=thoai )|(?<=ten ))ma$)"
_PARENT = r"(?:phu huynh|phhs|ph|ba me|bo me|cha me|giam ho|nguoi nuoi duong|parent|guardian)"
_PUPIL = r"(?:hoc sinh|hs|tre|tre em|chau|con|em|student|pupil|hoc vien)"
_NAMED = r"(?:ho ten|ho va ten|ten|ho)"
HEADS = (
    r"(?:(?:pho )?(?:truong (?:thon|xom|ban|ap|khu|lang|buon|khu pho|khu dan cu|kdc|tdp|to dan pho|doan the)"
    r"|(?:khu|thon|xom|ap|ban) truong|to truong(?: to)?(?: dan pho| tdp| lien gia| khu pho"
    r"| cong nghe so(?: cong dong)?)?|bi thu(?: chi bo(?: thon| xom| khu| to)?| dang uy| doan)?)"
    r"|(?:to|thon|xom) pho|pho thon|(?:chi )?hoi truong(?: (?:phu nu|nong dan|ccb|cuu chien binh"
    r"|nguoi cao tuoi|nct))?"
    r"|(?:truong ban|tb) (?:cong tac |ct )?(?:mat tran|mt|ctmt)|cong an vien|(?:thon|to) doi truong"
    r"|nhom truong|chi hoi pho"
    r"|y te thon|gia lang|truong ban quan ly|(?:pho )?chu tich(?: ubnd| hdnd| mttq| hoi \w+)?"
    r"|nguoi co uy tin|nguoi dung dau)"
)

PARENTS = {
    "both": re.compile(rf"\b{_PARENT}\b"),
    "father": re.compile(rf"\b{_FATHER}\b"),
    "mother": re.compile(rf"\b{_MOTHER}\b"),
}

# Whose number or name a heading speaks of; "" for none of these: the person's own.
OWNERS: tuple[tuple[str, str], ...] = (
    ("receiver", (r"\bnhan (?:tin|sms|thong bao|tb)\b"
         r"|\bgui (?:tin nhan|tin|thong bao) (?:nhac|cho|den|toi)\b")),
    ("self", (r"(?:can bo|nhan vien)(?= cong chuc| vien chuc| giao vien| hoi\b|$)|dang vien"
    r"|hoi vien|doan vien"
     r"|cong chuc|vien chuc|thanh vien|(?:to|xa|hoc|sinh|tinh nguyen) vien|nguoi (?:dan|cao tuoi|benh)"
     r"|cu (?:tri|dan)|cong dan|cong vu|ca nhan|chinh chu|chu (?:ca nhan|tai khoan|so huu|thue bao|sim)"
     r"|ban than|cua (?:ong ba|ban|nguoi dan|anh chi|toi|minh|dang vien|hoi vien|can bo)\b"
     r"|nguoi (?:dang k[iy]"
     r"|nop|nhan|khai|dan|tham (?:gia|du)|lao dong|du thi|du hop|mua|dung don|dung ten|su dung|dung"
     r"|duoc|huong"
     r"|thu huong|hoc|tiem|kham|vay|co cong|khuyet tat)\b|thi sinh|khach hang")),
    ("teacher", r"\bgvcn\b|giao vien|co giao|thay giao|chu nhiem|\bgv\b|teacher"),
    ("head", (rf"{HEADS}|phu trach|quan ly|nguoi (?:lap|nhap|dieu tra|gioi thieu|bao lanh|tong hop"
    r"|cap|moi|thu|truc)\b"
         r"|\bctv\b|\btruc ban\b|(?:can bo|nhan vien) \w|hieu truong|shipper|dai ly|may le"
         r"|(?:giao dich|thu ngan|nhap lieu)"
         r" vien|\bnguoi (?!than|nha|quen|lien|bao|phu thuoc|dai dien|cham soc|nuoi|song|chung|khac"
         r"|o |giam)\w"
     r"|cong tac vien|nhan vien y te|\bban (?:ctmt|cong tac mat tran|mat tran)|can bo y te|doi truong"
     r"|lop truong|truong (?:doan|nhom|phong|ban)\b|thu truong|lanh dao"
     r"|giam doc|ke toan\b|manager"
     r"|assistant|supervisor|referr?ed|nhan vien (?:thu|tu van)|tu van vien|cong an\b|tong dai vien"
     r"|dieu tra vien|bac si|y ta|y si|luat su")),
    ("spouse", r"\b(?:vo|chong|vo chong|spouse|wife|husband|ban doi)\b"),
    ("parent", rf"\b{_PARENT}\b"),
    ("relative", (r"nguoi than|than nhan|(?<!ho )gia dinh|anh chi em|nguoi nha|ho hang|nguoi quen"
    r"|hang xom|\b(?:khi can"
         r"|khi vang)\b|khan cap|lien he khan\b"
     r"|emergency|next of kin|relative|\bfamily\b|bao tin|(?<!so )nguoi lien (?:he|lac)|lien he khac|\bsos\b"
     r"|(?:dt|sdt|dien thoai|so|ten|cua) (?:con(?! dung| su dung| lien lac| hoat dong)|chau|anh|chi"
     r"|em|con trai|con gai|con dau|con re|ong ba"
     r"|ong|ba)\b(?! chi| ba)"
     r"|nguoi (?:bao ho|phu thuoc|dai dien|cham soc|nuoi duong|(?:song |o )?(?:cung|chung)|khac)\b"
     r"|caregiver")),
    ("household_head", r"\bchu ho\b|\bchu (?:nha|co so|tro|nha tro|tiem|thau|quan|xe|tau|doanh nghiep)\b"),
    ("office", (r"co quan|don vi|van phong|\bvp\b|ubnd|uy ban|cong ty|company|business|\bwork\b|office"
         r"|tru so|\btram\b"
     r"|hotline|duong day nong|tong dai|ho tro|noi (?:lam viec|cong tac)|\bfax\b|nha truong|\bxa\b"
     r"|\bphuong\b|school"
     r"|doanh nghiep"
         r"|\b(?:dt|sdt|dien thoai) (?:lop|truong|thon|benh vien|ngan hang|phong|tram)\b|\bban chqs"
         r"|so cong ty|pager|callback")),
)  # fmt: skip
OLD = (
    r"\b(?:cu(?! tri| dan)|old|truoc day|truoc kia|truoc|ban dau|da (?:doi|thay)|previous|former"
    r"|da bo|khong dung|ko dung|ngung su dung)\b"
)
NEW = r"\b(?:moi|new|hien tai|hien nay|dang dung|dang su dung|current|cap nhat|thay the|dung de lien he)\b"
SPARE = (
    r"\b(?:nha rieng|nha|(?:may|dt|sdt|dien thoai) ban(?! (?:ct|cong tac|mat tran|giam|quan|chap hanh))"
    r"|co dinh|home|landline|du phong|backup|alternate)\b"
)
UNUSED = r"\b(?:khong dung|ko dung|da bo|(?<!can )bo$|sai|da huy|huy|khong lien lac duoc|hong)\b"

# The words that a heading of the person's own number may have beside "điện thoại"; one more, and it may be of
# somebody else: "SĐT tổ công nghệ số".
_OWN_NUMBER_WORDS = """
    a anh ba bac backup ban bang bao bat biet buoc ca cai can cap cau ccb cccd cell chi chinh cho chu
    chuan chung co con cong contact cu cua cung da dan dang danh dat dau day de default dich dien dinh
    doi dong du dung duoc dv em facebook fb ghi gi gia giao goi hai hay he hien ho hoac hoat home in ke
    kem ket khac khai khi khoan khong ki ky la lac lh lien lienhe ll ma main mang may me messenger minh
    mobile moi mot my n nam nay nct neu ngay nguoi nguyen nha nhan nhanh nhap nhat nick nnt no number old
    ong other otp personal phong phu preferred previous primary qua quan ra rieng ro sau sim smart
    smartphone sms so soat su tai telegram ten thay the theo thong thu thuc thue thuong tien tiep tin toi
    tot trong truc truoc tu tuyen uu va value van vao ve viber vneid work xa xac xin xuyen your zalo
"""
OWN_NUMBER_WORDS = frozenset(_OWN_NUMBER_WORDS.split())

# What stands in a column of codes, sums or dates: never a telephone number, whatever it looks like.
CODES = (
    r"\b(?:so|ma)(?:so|sv|hs|nv|gv|kh|cccd|cmnd|tk|bhxh|bhyt|the|dinhdanh|hd|hoso)\b|\b(?:mssv|gcn|blx"
    r"|gps|so giao dich|so chung tu|han the|mshs|msv|mhs|msnv|mnv|msts|msgv|msdv|msvc|mscb|mshv|sbd|mst"
    r"|mdd|mdc|bhxh|bhyt|bhtn|cccd"
    r"|cmnd|cmtnd|cmt|cmtqd|can cuoc"
    r"|chung minh|dinh danh|ddcn|gttt|giay to|stk|tk|tai khoan|ngan hang|ho so|uid|uuid|guid|id|code|ma"
    r"|ma so|msdn"
    r"|so (?:cccd|cmnd|cmt|bhxh|bhyt|mst|bao danh|cc|cd|the|so|phieu|hieu|seri|serie|hop dong|hd|qd"
    r"|quyet dinh|thua|to|bien lai"
    r"|hoa don|dang ky(?! zalo)|dkkd|con|cho|tem|mui|phong|ghe|vac xin|bao cao|ll|noi bo|huy hieu"
    r"|cong van|vao so|luu|ho khau|ho chieu|bao hiem|thu tu|don|lo|khung|may xe|imei|cong to|may nuoc"
    r"|giay|ky hieu|van bang"
    r"|bang|chung chi|chung nhan|dinh danh|nha|to khai|hs|ct|gplx|ve|lenh)|sohs|sobd|sothe|sokhung"
    r"|imei|passport|ho chieu|serial|barcode|qr|bien so|gplx|vneid|username|password|mat khau"
    r"|ten dang nhap|ref|reference|invoice|order"
    r"|account|iban|tax|zip|postal|postcode|ma buu|toa do|latitude|longitude|ip|khach hang so)\b"
)
MONEY = (
    r"\b(?:so tien|thanh tien|tien|don gia|gia (?:tien|ban|mua)|luong|amount|price|total|kinh phi"
    r"|hoc phi|muc (?:dong|thu|ho tro|huong)"
    r"|tro cap|thu nhap|phu cap|phi|cong no|du no|so du|vnd|tam ung|dong gop|salary|fee|he so|doanh thu)\b"
)
DATES = (
    r"^(?:ngay|thang|nam|date|time|thoi gian|gio)\b(?!.*\b(?:mat|chet|tu tran|qua doi|chuyen di)\b)"
    r"|\bsinh ngay\b|(?:ngay|nam|noi|thang) (?:thang )?(?:nam )?sinh"
    r"|\b(?:birth|birthday|dob|date|created|updated)\b|^ns$|^tuoi$|^do tuoi$|^age$"
)

# Columns whose tick, date or word is itself the reason to hold somebody, beside what `hold_reasons` reads.
FLAGS: tuple[tuple[str, str], ...] = (
    ("dead", (r"^(?:ngay|nam|thang|ngay thang nam|thoi gian|nguyen nhan|ly do|noi) (?:mat|chet|tu tran"
         r"|tu vong|qua doi|bao tu|khai tu|h[iy] sinh)\b"
     r"|^(?:da )?mat$|^(?:da )?(?:chet|tu tran|qua doi|tu vong|khai tu|bao tu)\b|ngay gio$|^tu$"
     r"|so giay (?:chung|bao) tu"
     r"|^nguoi (?:da )?(?:mat|chet)$|deceased|^dead\b|^died\b|date of passing|death|is dead")),
    ("moved", (r"^(?:noi|ngay|nam|thang|thoi gian|ly do|dia chi) chuyen (?:di|khau|ho khau|toi)\b"
         r"|^(?:noi|ngay) (?:chuyen|di nuoc ngoai)$|^(?:da )?chuyen(?: di| khau| noi khac| ho khau"
         r"| cu tru| truong)?$"
     r"|^(?:da )?di khoi|^(?:da |dang )(?:roi (?:di|khoi)|di lam (?:an )?xa)|^tam vang|xkld"
     r"|xuat khau lao dong|dinh cu nuoc ngoai|^(?:dang "
     r"|hien )?o (?:nuoc ngoai|(?:tinh|huyen|noi) khac)|^di .*nuoc ngoai|^(?:ngay )?(?:cat|xoa) (?:ho )?khau"
     r"|^khong (?:con )?(?:cu tru|o dia phuong|sinh song)|\bmoved\b"
     r"|^di (?:nuoc ngoai|xa|noi khac)"
     r"|^noi (?:den|chuyen den)|^di lam (?:an )?xa$|^moved\b|moved away|relocated|^left\b|vang mat")),
    ("refuses", (r"\b(?:khong|ko|k|chua|tu choi|huy|ngung|dung|chan|cam|do not|dont|never)\b(?: (?:muon"
         r"|duoc|cho|can|dang ky|co nhu cau|cho phep|phep))*"
     r" (?:nhan|nhan tin|nhan lai|dong y|lien he|lien lac|goi|gui|lam phien|contact|call|sms|text|email"
     r"|disturb)\b(?! duoc)(?!.* (?:hay|hoac) )"
     r"|^(?:da )?tu choi|^phan doi|opt ?out|opted out|suppress|unsubscri|do not \w+|\bdnc\b|blacklist|^chan$"
     r"|^stop$|danh sach den")),
    ("number", (r"^(?:bi )?(?:sai so|so sai|nham so|sdt sai|sai sdt)|khong lien lac duoc|khong goi duoc"
         r"|wrong number|^invalid|^bounced"
     r"|unreachable|^so khong dung|^thue bao (?:bi )?khoa$"
         r"|^(?:sdt|so dien thoai|so dt|dien thoai) (?:khong dung|sai|hong|bi khoa)\b")),
    ("retired", (r"^(?:da )?(?:nghi huu|ve huu|nghi viec|thoi viec|nghi cong tac)$|^retired$|^resigned$"
         r"|^quit$|^nghi$|da nghi\b")),
)  # fmt: skip
# "no" in such a column holds somebody: still alive, still here, number in use.
ASSURANCES: tuple[tuple[str, str], ...] = (
    ("alive", r"^(?:con|dang|van con|dang con|hien con|hien dang) song$|^song$|^alive$|^living$|is alive"),
    ("present", (r"^(?:con|dang|hien)(?: dang)? (?:o(?! nuoc| xa| noi khac| tinh| huyen| ngoai)"
    r"|cu tru|(?:sinh )?song tai"
    r"|sinh song|thuong tru|co mat)\b"
         r"|^co mat tai dia phuong|^con hoat dong|^con sinh hoat|^dang sinh hoat"
     r"|^dang hoat dong|^con o\b")),
    ("number_in_use", (r"^(?:so )?(?:con |dang )(?:dung|su dung|lien lac duoc)$|^lien lac duoc"
    r"|^so (?:dung$|(?:dang )?hoat dong)|^(?:(?:so|sdt|dt) )?con (?:su )?dung\b"
         r"|^active$|^valid$|^is active$")),
)  # fmt: skip

# kind, then patterns over the folded words of a heading; `^…$` must fit the whole of it
RULES: tuple[tuple[str, ...], ...] = (
    ("timestamp", "dau thoi gian", "timestamp",
    "thoi (?:gian|diem) (?:gui|nop|tra loi|dang ky|hoan thanh|bat dau)",
     "^ngay (?:gui|nop)$", "^(?:start|completion|submit(?:ted)?) (?:time|at)$"),
    ("consent", ("(?:dong y|chap thuan|cho phep|muon|dang ky|san sang|co the|co) nhan (?:tin|thong bao"
         "|sms|lien he)?"),
     r"^(?:co |da |xac nhan )?dong y\b", r"\bconsent\b", "agree.*(?:receive|sms|contact)",
     "^(?:opt ?in|opted in|subscribed|subscribe)$", r"^nhan (?:tin|sms|thong bao)\b"),
    ("consent", "(?:dong y|chap thuan|cho phep|muon).*(?:nhan tin|tin nhan|sms|thong bao|gui tin|lien he)"),
    ("female", "^(?:ngay |ngay thang )?nam sinh nu$", "^ngay sinh nu$", "^gioi tinh nu$", "^(?:la )?nu$"),
    ("male", "^(?:ngay |ngay thang )?nam sinh nam$", "^ngay sinh nam$", "^gioi tinh nam$",
     "^(?:la )?nam$"),
    ("area", (r"^(?:thon|xom|to dan pho|tdp|ap|khom|ban|buon|lang|khu pho|khu)\b"
     r".*\b(?:noi o|cu tru|cho o|thuong tru)")),
    ("name", (r"^(?:ho (?:va )?ten|ten)\b.*\b(?:doi tuong\b|nguoi (?!giam ho|nuoi duong|co uy tin"
         r"|dung dau)\w)")),
    ("role", "^chuc danh nghe nghiep$"),
    ("part_of_area", "^so to(?: dan pho)?$"),
    ("ignore", r"^(?:to ban do|dien tich|chieu cao|can nang|huyet ap|lo vac xin)\b",
     r"^(?:nguoi nhap|truong thon ky)\b"),
    ("address", r"\b(?:hktt|dktt|dkhktt|dkhk)\b", r"^dia chi\b.*so nha", "^so nha (?:duong|ngo|thon|to)",
     "^noi dang ky"),
    ("ignore", "^can sua$", "^lay tu$", "^to correct$", "^taken from$"),  # of a file of rows to correct
    # not needed for writing to somebody, and some of it nobody's business
    ("ignore", "quan he", "ky nhan", "chu ky", "ky ten", "ky xac nhan", "^ky$", "^relationship$"),
    ("ignore", "dan toc", "ton giao", "quoc tich", "que quan", "nguyen quan", "hon nhan", "suc khoe",
     "khuyet tat"),
    ("ignore", "ngheo", "doi tuong", "chinh sach", "bao hiem", "bhyt", "hoan canh", "dien uu tien"),
    ("ignore", "trinh do", "hoc van", "chuyen nganh", "ly luan", "nghe nghiep", "ngoai ngu", "tin hoc",
     "bang cap", "ngach", "bac luong", "luong"),
    ("ignore", "vao dang", "ket nap", "chinh thuc", "vao doan", "huy hieu", "ngay cap", "noi cap",
     "ngay vao", "ngay chuyen", "nam vao"),
    ("ignore", "so nha", "so (?:nhan )?khau", "so nguoi", "so luong", "so ho$", "diem", "xep loai",
    "facebook"),
    ("ignore",
     "^(?:tinh|huyen|quan|thanh pho|tp|quoc gia|tinh thanh pho|quan huyen|duong|duong pho|so to khai)$"),
    ("ignore", ("^ten (?:dang nhap|tai khoan|file|tep|san pham|hang|mon|de tai|sang kien|du an|cong trinh|bai"
     "|zalo|facebook|fb|nhom|duong|pho|dich vu|thu tuc|ho so|van ban|may|giong|cay|loai|viet tat"
     "|thuong goi khac)"),
     ("^(?:labels?|group membership|photo|nickname|file as|initials|name (?:prefix|suffix)|suffix|yomi.*"
     "|phonetic.*)$")),
    # names of other things
    ("officer", (rf"^(?:(?:ho (?:va )?)?ten )?(?:ong |ba |dong chi |dc )?{HEADS}(?:(?: kiem)? {HEADS})?"
         rf"(?: thon| ban| xom| to| khu| ap| ho ten| ho va ten)*$")),
    ("area", "^(?:ten|don vi) (?:thon|xom|to|to dan pho|khu|ap|ban|lang|buon|khu dan cu)$"),
    ("class", "^ten lop"),
    ("unit", "^(?:organization|company)(?: name| 1 name)?$",
     ("^ten (?:co quan|don vi|to chuc|cong ty|truong|doanh nghiep|ho kinh doanh|cua hang|chi bo|phong|ban"
     "|co so)")),
    ("role", "^(?:job|organization) title$"),
    # the families of a class list
    ("parent", rf"{_NAMED}.*\b{_PARENT}\b", rf"^{_PARENT}\b", "(?:nguoi|ong ba) giam ho",
     rf"\b{_PARENT} hoc sinh"),
    ("father", rf"{_NAMED}.*\b{_FATHER}\b", rf"^(?:hs )?{_FATHER}\b"),
    ("mother", rf"{_NAMED}.*\b{_MOTHER}\b", rf"^(?:hs )?{_MOTHER}\b"),
    ("pupil", rf"{_NAMED}.*\b{_PUPIL}\b", rf"^{_PUPIL}$", rf"^{_PUPIL} .*{_NAMED}$", "^ten tre"),
    ("note", "^(?:xac minh|phan hoi|ket qua)$", "ket qua (?:lien he|lien lac|goi|xac minh|ra soat)",
     "ket qua (?:nhan|gui) tin",
     "ghi chu", "chu thich", "^khac$", "^other$", "^memo$", "^tinh hinh",
     "^(?:thong tin (?:them|khac|bo sung)|noi dung khac)", "^nhat ky goi", "^y kien khac", "^chu y",
     "^gc$", "tinh trang",
     "trang thai", "hien trang", "bien dong",
     "dien bien", "^ly do", "^note", "^notes$", "luu y", "nhan xet", "^status$", "^remarks?$", "^comments?$"),
    ("old_commune", r"\bxa (?:phuong )?cu\b", r"\bphuong cu\b", "truoc sap nhap", r"dia ban cu$"),
    ("party_cell", "chi bo", "^to dang$", "dang bo"),
    ("role", "chuc vu", "chuc danh", "nhiem vu", "vi tri", "chuc trach", "cuong vi", "^cv$", "^role$",
     "position", "cong viec", "vai tro"),
    ("class", r"^lop\b", "^(?:hoc|khoi) lop$", r"\bten lop\b", "^class$", "lop (?:hoc|cua)"),
    ("unit", "to chuyen mon", "don vi", "co quan", "phong ban", r"^phong\b", "bo phan", "noi cong tac",
     "noi lam viec", "to chuc", "^ban$", r"^khoi\b", "^ban nganh", "^(?:doan the|chi hoi)$",
     r"^khoa\b(?! hoc)"),
    ("unit", r"^truong\b", "ten truong", "^unit$", "organi[sz]ation", "department", "to cong nghe"),
    ("address", "dia chi", "noi o", "cho o", "thuong tru", "tam tru", "ho khau", r"^d ?c\b",
     r"(?<!email)address", "noi cu tru", "cu tru", "^street$", "^home street$"),
    ("area", r"\bthon\b", "to dan pho", "^tdp$", "khu dan cu", "^kdc$", r"^khu\b", r"\blang\b", r"^ap\b",
    r"^khom\b",
     ("^ban(?: lang| thon| xom| ap| buon"
     "| to)+$"), r"^buon\b", "dia ban", "khu vuc", "khu pho", "^khoi pho", "^(?:kp|kdc)(?: so)?$",
     "^(?:bon|plei)$", "^tieu khu$"),
    ("area", "^area$", "village", "hamlet", r"\bphum\b", "^soc$"),
    ("part_of_area", r"^xom\b", r"\bxom$", r"^to\b(?! truong)", "^to so", "^nhom$", "^ngo$", r"^cum\b",
    "^doi$"),
    ("honorific", "danh xung", "xung ho", "^ong ba$", "^quy danh$", "honorific", "^title$"),
    ("sex", "gioi tinh", "^gioi$", "^gt$", "^phai$", "^nam nu$", "^sex$", "^gender$"),
    ("number", r"^(?:stt|tt|so tt|so thu tu|no|so|thu tu|\#)$"),
    ("family_name", ("^ho(?: va| ten| va ten)? ?(?:dem|lot|ten dem|ten lot|chu dem|chu lot|va chu dem"
         "|va dem)$"),
     ("^ho (?:va )?(?:chu |ten )?(?:dem|lot"
     "|dem lot)$"), "^ho$", "^ho va$", "^(?:last|family) name$", "^surname$"),
    ("middle_name", "^(?:ten |chu )?(?:dem|lot)$", "^ten (?:dem|lot|giua)$", "^(?:middle|additional) name$"),
    ("given_name", "^ten$", "^(?:first|given) ?name$", "^forename$", "^ten (?:rieng|goi|chinh|khai sinh)$"),
    ("name", "ho ten", "ho va ten", "ten chu ho", "chu ho", "full ?name", "^name$", "display name",
     "ten day du", "^ten hien thi$", "nguoi dai dien", "dai dien ho", "^(?:quy )?danh(?: tinh| tanh)$",
     r"^ho\b.*\b(?:dem|lot)\b.*\bten$", "^ten ho$", "^ho va ten dem va ten$"),
    ("name", (r"^ten\b(?! thoi)(?=.*\b(?:kh|nv|cb|gv|hv|tv|nguoi|can bo|dang vien|ong ba|cua ban"
         r"|thanh vien|khach hang|khach|nct|nguoi cao tuoi|cbcc|nld"
         r"|hoi vien|cu tri|ho|cong dan"
     r"|doan vien|thi sinh|nhan vien|giao vien|hoc vien|chu|vo|chong|dai bieu|xa vien|vdv|benh nhan"
     r"|nhan khau|bac|anh chi|(?:to|tinh nguyen|cong tac) vien)\b)"),
     "^danh sach (?:thanh|hoi|doan|xa|to|hoc) vien$",
     "^chu (?:vat nuoi|xe|dat|ruong|rung|tau|thuyen)$",
     ("^(?:dong chi|dc|quy ong ba|nhan su|can bo cong chuc(?: vien chuc)?|nguoi duoc cap|ten ca nhan"
     "|nguoi bau cu|ho gia dinh ong ba|can bo|dang vien|hoi vien|thanh vien|nguoi dan|cong dan"
     "|cu tri|cu dan|resident"
     "|khach hang|doan vien|thi sinh"
     "|hoc vien"
     "|nhan vien|xa vien|dai bieu|cong chuc|giao vien|chien si|quan nhan|benh nhan|nhan khau|vien chuc"
     "|lao dong"
     "|nguoi (?:dang ky|nop(?: don| ho so| thue| tien)?|co ten trong danh sach|tham gia|thu huong"
     "|duoc ho tro|co cong|nhan(?: tien| qua)?"
     "|khai(?: bao)?|du thi|mua|lao dong|duoc (?:tiem|kham|cap|huong|moi|vay|tang|phong van)"
     "|cao tuoi|tham du|duoc moi|trong ho|vay(?: von)?|dung don))$"),
     "^name of ",
     ("^(?:your|employee|staff|member|customer|participant|respondent|contact|person|attendee)(?: name"
     "| s name)?$"),
     "^(?:nguoi lien he|nguoi lien lac|nguoi than|nguoi gioi thieu|nguoi bao ho)$"),
)  # fmt: skip
# Written as one word in headings that came from a program: "maSinhVien", "hoten".
_VOCABULARY = """
    ho va ten so dien thoai di dong dia chi ngay sinh nam noi gioi tinh lop truong ma vien hoc nhan can
    cuoc cong dan ghi chu chuc vu don vi co quan thon xom to khu pho ap ban email thu tu tong diem phu
    huynh cha me bo con vo chong nguoi than lien he lac dang ky cu moi dem lot tai khoan phong khoa
    nganh que toc ton giao ket nap trang thai da mat chuyen khong tin tien luong cap bao hiem the tac
    phone number name full first last mail address mobile birth date code id no student class gender
    note status tham gia muc thuong tru tam hien nay zalo sdt dt stt do not contact opt out call
"""
VOCABULARY = frozenset(_VOCABULARY.split())
# Abbreviations with points or run together: "S.Đ.T", "Đ/T". Compared as one word.
RUN_TOGETHER: dict[str, str] = {
    **dict.fromkeys(("sdt", "sodt", "dt", "dtdd", "sodd", "dd", "dthoai", "sdtdd", "fone", "dtcn"), "phone"),
    **dict.fromkeys(("hvt", "hten", "hovten", "htên"), "name"),
    **dict.fromkeys(("stt", "tt"), "number"),
    **dict.fromkeys(("gchu",), "note"),
    **dict.fromkeys(("dc", "dchi"), "address"),
}  # fmt: skip
