"""The words by which a list says that somebody must not be written to, as tables.

Written with their accents in small letters, as `hold_reasons` spells a cell before it looks: "ko" is "không",
"đt" is "điện thoại", "sđt" is "số". For cells typed without accents the same patterns lose theirs, apart
from "mất", which is also eye, face and cool.
"""

from __future__ import annotations

ACCENTED_ONLY = "<accented>"  # in a pattern: what stands before it is too common a word without its accents

# How officers shorten; tried in this order on small letters.
SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"[’'`\"“”]", ""),
    (r"\br\.i\.p\b\.?", "rip"),
    (r"\b(?:ko|k|khg|kg|hok|hông|hổng|hem|khôg|kô|0)\b\.? (?=[a-zà-ỹđ])", "không "),
    (r"\b(?:kh|k0)\b (?=nhận|nhắn|liên|ll|lh|gọi|muốn|đồng|dùng|còn|có|ở|cần|đúng|nhan|goi)", "không "),
    (r"\bchẳng\b|\bchả\b", "không"),
    (r"\b(?:s\.?đ\.?t|số (?:đt|đ\.thoại|điện thoại|đtdđ|di động|máy|thuê bao)|đt số)\b", "số"),
    (r"\b(?:sdt|so (?:dt|dien thoai|di dong|may|thue bao))\b", "so"),
    (r"\b(?:đt|đtdđ|đ\.t|d\.thoại|điện thọai|dế)\b", "điện thoại"),
    (r"\b(?:dt|dtdd)\b", "dien thoai"),
    (r"\b(?:tin nhắn|tin nhan|sms|tn|tnhan|t\.nhắn|tnh)\b", "tin"),
    (r"\b(?:ll|l\.lạc|llạc)\b", "liên lạc"),
    (r"\b(?:lh|l\.hệ)\b", "liên hệ"),
    (r"\bkhông (?:đc|dc|đk)\b", "không được"),
    (r"\b(liên lạc|liên hệ|gọi|nhắn|nhắn tin) (?:đc|dc|đk)\b", r"\1 được"),
    (r"\bđp\b|\bđ\.phương\b|\bđịa phg\b", "địa phương"),
    (r"\bxk ?lđ\b|\bxuất khẩu (?:lđ|ld)\b|\bxkld\b|\bx\.k\.l\.đ\b", "xuất khẩu lao động"),
    (r"\bhk(?:tt)?\b", "hộ khẩu"),
    (r"\bshđ\b|\bsh (?:đảng|chi bộ)\b", "sinh hoạt đảng"),
    (r"\bnc ngoài\b|\bn\.ngoài\b|\bnước ngòai\b", "nước ngoài"),
    (r"\bhuỷ\b", "hủy"),
    (r"\b(?:mât|mẩt|mấtt|mấ)\b", "mất"),
    (r"\b(?:dã|đả|đa) (?=mất|chết|chuyển)", "đã "),
    (r"\b(?:chếtt|chêt|chểt)\b", "chết"),
    (r"\bxoá\b", "xóa"),
    (r"\bkhoá\b", "khóa"),
    (r"\bthôngbáo\b|\btbáo\b", "thông báo"),
)  # fmt: skip

# Turns what follows round: "chưa mất", "không từ chối", "trừ người đã mất". Read just before a match.
NEGATION = (
    r"(?:chưa|không|đâu|không phải|không hề|chưa hề|chưa từng|chưa có|không có|chưa bị|không bị|chưa phải"
    r"|trừ|ngoại trừ|không (?:bao )?gồm|không kể|không tính|đã loại|loại bỏ|thay cho|thay"
    r"|chưa muốn|chưa thể|sắp|chuẩn bị|dự kiến|suýt|tưởng)"
    r"(?: (?:ai|người|ông|bà|số|các|những|trường hợp|đối tượng|hề|có|bị|là|đã|được))*"
)
# Said of somebody else: "con đi Nhật", "chồng chuyển công tác".
RELATIVE = (
    r"(?:(?:các |có |2 |3 )?(?:con|cháu|em|anh|chị)(?: trai| gái| dâu| rể| ruột| cả| út)?|chồng|vợ|bố|mẹ|cha)"
    r"(?: \w+)?(?: đã| đang| mới| đều| vừa)?"
)

_WHEN_OR_HOW = (
    r"(?:ngày|năm|tháng|hôm|tết|lúc|do|vì|rồi|từ|sớm|lâu|tại|ở|trong|trước|sau|khi|đêm|sáng|chiều|tối"
    r"|hồi|cách"
    r"|đột ngột|đột quỵ|không rõ|được \d|\d+ (?:năm|tháng|ngày|tuần)|vào|mấy|vừa|đầu|cuối|giữa|nay|t\d"
    r"|q\d|hết)"
)
# What is lost without anybody having died.
LOST = (
    r"(?:sức|điện thoại|đt|số|sim|máy|liên lạc|sóng|tín hiệu|việc|ngủ|trí|khả năng|tài sản|giấy|thẻ|tích|đất"
    r"|mùa|nhà|tiền|trộm|xe|ngón|chân|tay|sổ|cccd|cmnd|cmt|căn cước|chứng minh|bằng|hộ khẩu|hộ chiếu|con dấu"
    r"|chữ ký|điện|nước|mạng|wifi|internet|mật khẩu|tài khoản|facebook|zalo|nick|hồ sơ|dữ liệu|quyền|ví|lòng"
    r"|niềm tin|năng lực|hành vi|thính|thị lực|cân đối|trâu|bò|gà|lợn|vịt|chó|cắp|tư cách|gốc|trật tự|an toàn"
    r"|vệ sinh|đoàn kết|hiệu lực|máu|răng|phí|thời gian|quyền lợi|chức|chìa khóa|túi|hàng|lửa|phương tiện"
    r"|biển|đăng ký|cha|mẹ|bố|con|chồng|vợ|cả cha|đi|thông tin|kết nối|học bạ|quốc tịch|một|hai|1|2|bò"
    r"|giấc|ý thức|trí nhớ|vía|vui|gần|hơn|khoảng|thêm|nhiều|ít|cơ hội|lượt|suất)"
)
_DEAD_SIGNS = r"†|✝|⚰|\brip\b|\bdeceased\b|\bdied\b|\bdead\b|passed away|\bdeath\b"
DEAD = (
    rf"(?:đã|mới|vừa|ốm|bệnh|tai nạn|ung thư|đột quỵ|già yếu|tự tử) mất(?! {LOST}\b)"
    rf"|(?<!sim )(?<!số )(?<!thẻ )(?<!sổ )(?<!máy )bị mất(?! {LOST}\b)|\bmất {_WHEN_OR_HOW}"
    r"|\bmất(?= ?[(,:-]? ?(?:\d{4}|\d{1,2}[/.-]))|^mất$|^mất(?= ?[,.;(])|\bmất\)$"
    rf"|(?:ông|bà|cụ|chồng|vợ|chủ hộ|người|bác|chú|cô|đ/c) (?:đã |mới )?mất(?! {LOST}\b)"
    r"|qua đời|từ trần|tử vong|\btử (?:nạn|trận|tuất)\b|đột tử|khuất núi|đã khuất|tạ thế|quá cố(?! gắng)"
    r"|(?:đã|được|ngày|năm|bị) h[iy] sinh|^h[iy] sinh\b|h[iy] sinh (?:năm|ngày|tại|khi|trong)"
    r"|khai tử|báo tử|chứng tử|giấy tử|viên tịch|quy tiên|mãn phần|lìa đời|thất lộc|về trời|chầu trời"
    r"|hưởng (?:thọ|dương) \d|mai táng|an táng|cáo phó|đám tang|tang lễ|đã chôn|về với tổ tiên"
    r"|không còn (?:sống|trên đời|nữa)|không qua khỏi|đã đi xa mãi|^tử$|^liệt s[ĩỹ]$|đã ra đi|chết đuối"
    r"|(?<!lợn )(?<!trâu )(?<!bò )(?<!gà )(?<!cá )(?<!vịt )(?<!cây )(?<!cháy )(?<!máy )(?<!sim )(?<!số )"
    r"(?<!gia súc )(?<!gia cầm )(?<!dịch )(?<!heo )(?<!đất )(?<!bao )(?<!sống )(?<!pin )(?<!nghêu )(?<!tôm )"
    r"\bchết(?! máy| dịch| cháy| sim| số| khô| cóng| mê| pin| cười| mệt| thôi| đói)\b"
    rf"|{_DEAD_SIGNS}"
)
_ABROAD = (
    r"(?:nước ngoài|nhật|hàn|đài loan|mỹ|hoa kỳ|úc|canada|séc|ba lan|angola|ăng gô la|malaysia|singapore"
    r"|campuchia|trung quốc|liên bang nga|nga|đức|pháp|châu âu|hungary|rumani|nhật bản|hàn quốc|macao"
    r"|ả rập|dubai|israel|thái lan|lào)\b"
)
_ARRIVED = r"(?! (?:về )?(?:đến|từ)\b)"
MOVED = (
    r"\bchuyển (?:đi|khẩu|hộ khẩu|nơi|chỗ ở|nhà(?! thuốc| xe| máy)|trường|lớp|công tác|sinh hoạt|vùng"
    r"|cư trú|hẳn|khỏi|huyện"
    r"|tỉnh|xã|thôn|xóm|tổ|đơn vị|cơ quan|vào (?:nam|trong nam|tp|sài gòn|hcm|đắk|đồng nai|bình dương)"
    r"|quê|nơi ở|chỗ|ngành|thường trú|đktt|đến (?:nơi|xã|tỉnh|huyện|thành phố|ở|sống|hà nội|hải phòng"
    r"|hải dương|sài gòn|tp|hn|hp|hcm|đơn vị|cơ quan|trường)|hà nội|hải phòng|sài gòn|tp|hcm|ra (?!sao)"
    r"|lên (?!lớp|hạng|ngạch|ủy ban|xã|huyện|cấp|tỉnh|công an)|xuống|chi bộ|hội|đảng)"
    rf"\b{_ARRIVED}"
    r"|\bchuyển về (?!đây|địa phương|từ|thường trú|nước|xã (?:ta|nhà|mình))"
    r"|\bchuyển sang (?!hộ|bhyt|bảo hiểm|nghề|làm|dùng|trồng|nuôi|hình thức|diện|thẻ|zalo|số|kinh doanh|buôn"
    r"|bán|cận|trạng thái|chế độ|mạng|gói|máy|điện thoại|tên|viettel|vina|mobi|tuần|ngày|tháng|sử dụng"
    r"|lương|kỳ|đợt)"
    r"|đã chuyển$|đã chuyển(?= ?[,.;(]| \d| rồi| từ (?:năm|tháng|ngày|lâu)| năm| tháng| ngày| hết)"
    r"|^chuyển$|^chuyển (?:năm|tháng|ngày|\d|hn|hp|hcm)"
    r"|(?:cắt|xóa|rút) (?:hộ )?khẩu|xóa đăng ký (?:thường|tạm) trú"
    r"|(?:đi|ở|đến|ra|về|sống|cư trú|làm ăn) (?:hẳn )?nơi khác|(?:ở|sang|về|đi) (?:xã|tỉnh|huyện"
    r"|thành phố|phường"
    r"|địa phương) khác|lấy (?:chồng|vợ) (?:xa|nơi khác|xã khác|tỉnh|huyện|đi|về|ở|nước|hàn|đài"
    r"|trung quốc|hà|hn|hp|hcm|tp|hải|sài|miền|ngoài|trong)"
    r"|đi lấy chồng|theo (?:chồng|vợ) (?:về|đi|ra|vào)|theo chồng|theo con (?:ra|vào|lên|đi|về)|bán nhà"
    r"|nhà bỏ (?:không|hoang)|bán đất đi|dọn (?:nhà|đi)|dời (?:nhà|đi)"
    r"|không (?:còn )?(?:ở|cư trú|sinh sống|thường trú|có mặt|sống)(?: tại| ở)? (?:địa phương|đây|thôn"
    r"|xã|xóm|nơi|nhà này)"
    r"|không còn (?:ở|cư trú|sinh sống|công tác|học|làm việc|sinh hoạt)|không (?:ở|cư trú) (?:tại )?đây"
    r"|vắng (?:mặt )?(?:lâu ngày |dài ngày |thường xuyên )?(?:khỏi |ở |tại )?(?:địa phương|nơi cư trú)"
    r"|tạm vắng|bỏ đi khỏi|bỏ địa phương"
    r"|thôi học|bỏ học|nghỉ học hẳn|đi khỏi|rời khỏi|rời địa phương|mất tích|đi biệt tích"
    r"|không rõ (?:nơi|địa chỉ)"
    rf"|(?:đi|ở|sang|qua|định cư|du học|làm việc|sống)(?: lao động| làm việc| \w+)? (?:tại |ở "
    rf"|bên )?{_ABROAD}|lao động (?:tại|ở|bên) (?:nước|nhật|hàn|đài|mỹ|úc)|(?:ra|qua) nước ngoài"
    rf"|xuất khẩu lao động"
    r"|định cư|xuất cảnh|du học|\bmoved\b|relocated|emigrated|abroad|overseas|no longer (?:here|lives)"
    r"|(?:hiện|đang|nay) (?:sinh )?sống (?:ở|tại) (?!địa phương|thôn|xã|xóm|nhà|đây)|(?:vào|ra"
    r"|lên) (?:nam|bắc|miền (?:nam|bắc)|sài gòn|hà nội|tp hcm|hcm|tây nguyên|đắk lắk) (?:sinh sống|ở"
    r"|sống|định cư|làm ăn)"
    r"|^(?:đã |đi )?(?:vào|ra) (?:nam|sài gòn|hà nội|tp hcm|hcm|miền nam|hải phòng)$|đã về quê"
    r"|về ở với con (?:trong|ngoài|ở)|nhập (?:hộ )?khẩu (?:nơi khác|về|đi|vào|ra|sang)|(?:hiện|đang"
    r"|hiện đang|nay) ở (?:tp|hcm|hà nội|hn|hp|sài gòn|sg|bình dương|đồng nai|hải phòng|đà nẵng"
    r"|quảng ninh|bắc ninh|thái bình|nam định|đắk lắk|lâm đồng|cần thơ|vũng tàu|long an|miền nam"
    r"|trong nam|ngoài bắc)|đã (?:lên|ra|vào) thành phố|tách ra ở"
    r"|ra ở riêng nơi|đi theo (?:con|chồng)|khác địa phương|vô gia cư|ngoài địa phương"
)
_TOPIC = (
    r"(?:tin|thông báo|nhắn|nữa|cuộc gọi|gọi|điện thoại|mail|email|e-mail|thư(?! mời| tay)|zalo|liên lạc"
    r"|liên hệ|bất kỳ|bất cứ"
    r"|gì|qua (?:zalo|điện thoại|tin|mail|email)|từ (?:xã|ubnd|ủy ban|bên)|bằng (?:tin|điện thoại|zalo)"
    r"|làm phiền)"
)
_ENDS = r"(?= ?$| ?[,.;()!/])"
REFUSES = (
    rf"(?:không|đừng|chớ|cấm|miễn|thôi|ngừng|dừng|ngưng|hủy|bỏ|hết) (?:muốn |được |cần |cho |có nhu cầu "
    rf"|thích "
    rf"|đồng ý |chịu |phải |tiếp tục |tiếp )*(?:nhận|nhân)(?! được)(?: {_TOPIC}|{_ENDS})"
    r"|(?<!bao )(?:không|đừng|chớ|cấm|miễn|thôi|ngừng|dừng|ngưng) (?:muốn |cần |cho |được |có |phải "
    r"|tiếp tục |tiếp )*"
    rf"(?:nhắn(?! được| tin được){ACCENTED_ONLY}|gửi (?:tin|nữa|thông báo|mail|email|gì)|gởi (?:tin|nữa"
    rf"|thông báo)|gửi$|gọi(?! vào được| là| được| điện được"
    r"| tên| nhập ngũ)|liên hệ(?! được)|liên lạc(?! được)|làm phiền|quấy rầy|spam|add|thông báo (?:cho"
    r"|đến|nữa|qua))"
    rf"|từ chối(?:{_ENDS}| (?:nhận$|nhận {_TOPIC}|{_TOPIC}|nghe|trả lời|cung cấp (?:số|thông tin)|cho số"
    rf"|tham gia"
    r"|hợp tác|mọi|tất cả|đăng ký nhận|khai|nt\b))"
    rf"|không (?:đồng ý|chấp nhận|cho phép|bằng lòng)(?:{_ENDS}| (?:nhận|cho (?:nhắn|gửi|liên|gọi)"
    rf"|cung cấp|chia sẻ|liên|gửi|nhắn|tham gia))"
    r"|chặn (?:tin|số|zalo|liên lạc|cuộc gọi)|đã chặn|không muốn ai|xin (?:rút|thôi)$|(?:rút"
    r"|xóa)(?: \w+){0,2} khỏi danh sách|\bno thanks|not interested|remove me|hủy (?:nhận|tin\b"
    r"|đăng ký(?= ?$| nhận| tin"
    r"| dịch vụ tin)|theo dõi)|(?:không|chưa) (?:đăng ký|đồng ý) nhận (?:tin|thông báo)"
    r"|yêu cầu (?:dừng|ngừng|không|đừng|thôi|xóa (?:số|tên|thông tin))|phản đối(?:$| nhận| nhắn"
    r"| việc (?:nhắn|gửi))"
    r"|không (?:muốn |thích )?(?:bị )?làm phiền|không (?:muốn|thích) (?:bị )?nhắn|(?:phàn nàn|bực|kêu"
    r"|than|chửi|mắng)(?: \w+){0,3} (?:làm phiền|tin|gọi|nhắn)|dị ứng (?:với )?tin|không hợp tác"
    r"|khó chịu khi (?:nhận|bị nhắn|nhắn)|\bstop\b|\bdnc\b|(?:do not|dont|don t|never) (?:contact|call"
    r"|text|disturb|send|tin|email|write)"
    r"|opt(?:ed)?[ -]?out|unsubscribe|no (?:tin|text|call|contact)s?\b|refused?\b|không có nhu cầu nhận"
    r"|không quan tâm|rút (?:lại )?(?:sự )?đồng ý|rút khỏi danh sách nhận"
)
NUMBER = (
    r"sai số(?! liệu| lượng| tiền| nhà| thẻ| tài khoản| cccd| cmnd| căn cước| sổ| bhxh| bhyt| định danh)"
    r"|(?:nhầm|lộn) số|số (?:này |điện thoại |ghi |cũ )*(?:bị |đã |là )?(?:sai|nhầm|lộn)\b"
    r"|(?:điện thoại|sim) (?:bị |ghi )?(?:sai|nhầm)|sai (?:điện thoại|sim)|số (?:này "
    r"|điện thoại )*(?:không đúng|không phải|chưa đúng)"
    r"|thay (?:số|sim)|số khác|bỏ (?:số|sim)|(?<!chuyển )đổi (?:số|sim)(?! liệu| nhà| thẻ| tài khoản"
    r"| cccd| cmnd)"
    r"|(?:bảo|nói|báo|nghe) nhầm|không phải (?:ông|bà|người|anh|chị) (?:này|ấy|đó)|số (?:của )?hàng xóm"
    r"|số (?:này )?(?:đã )?bỏ\b|sim bị (?:mất|cắt|thu hồi|khóa)|thuê bao không liên lạc"
    r"|không gọi vào được|số này của người|số cũ(?= ?$| ?[,.;)])|số (?:của )?người (?:khác|lạ)|(?:nhầm"
    r"|lộn) (?:máy|người)|máy người khác"
    r"|người lạ (?:nghe|cầm|dùng)|ng khác|người khác (?:dùng|nghe|cầm|sử dụng)"
    r"|(?:không (?:còn )?|thôi |ngừng |hết )(?:dùng|sử dụng|xài)(?: nữa)?(?:$| (?:số|sim|điện thoại|máy"
    r"|di động|nữa|thuê bao))"
    rf"|mất sim\b|(?:đã |bị |làm )?mất số điện thoại|mất số(?= ?$){ACCENTED_ONLY}|^thuê bao"
    rf"|thuê bao (?:không|tạm|bị|đã|chết|ảo|quý khách)|(?:máy|sim) (?:bị |đã )?khóa|khóa 2c"
    rf"|(?:điện thoại|máy) (?:bị |đã )?hỏng|không (?:đúng|phải) (?:số|chủ|máy|thuê bao)|sai chủ"
    r"|số (?:\w+ )?không (?:có người|có thật|có thực|tồn tại|liên lạc|gọi|hoạt động|dùng|còn|hợp lệ"
    r"|xác định|nhận được)"
    r"|không (?:thể )?(?:liên lạc|liên hệ|gọi|gọi điện|nhắn|nhắn tin|kết nối|gửi tin)(?: điện| tin| vào"
    r"| cho)* ?(?:được|đến)"
    r"|(?:gọi|nhắn|liên lạc|liên hệ|nhắn tin|gửi|gửi tin)(?: điện| mãi| nhiều lần| số này"
    r"| \d lần)* (?:không|chẳng) (?:được|đến|tới|có ai|liên lạc|thấy)"
    r"|không có tín hiệu|ngoài vùng phủ sóng|(?:khóa|chặn) (?:máy|sim|số|thuê bao|\d chiều|một chiều"
    r"|hai chiều|chiều)|(?:bị|đã|tạm) khóa"
    r"|\d chiều bị|thu hồi số|số (?:đã |bị )*(?:thu hồi|cắt|khóa|hủy|chết|ma|ảo|rác)|cắt liên lạc"
    r"|mất liên lạc|mất kết nối"
    r"|(?:sim|số) (?:đã |bị )?(?:rác|hỏng|cháy|chết|hủy|khóa|vứt|bỏ)|báo (?:số )?sai|tổng đài báo"
    r"|số (?:đã )?(?:ngừng|ngưng|tạm)"
    r"|tắt máy (?:suốt|liên tục|lâu|mãi|hẳn)|luôn tắt máy|(?:số|điện thoại) (?:này )?tắt|wrong (?:number"
    r"|person)|invalid(?: number)?|not in service"
    r"|disconnected|(?:number )?out of service|bounced?\b|undeliverable|unreachable|không còn (?:dùng"
    r"|sử dụng)|không chính chủ|số (?:đã )?(?:cấp cho|hết hạn|của chủ mới)|no longer in use"
    r"|number (?:has )?(?:changed|expired)|changed number|wrong (?:phone|no\b|num)"
    r"|chưa chính xác|số không chính xác|không nhận được (?:cuộc gọi|điện thoại)"
)
RETIRED = (
    r"nghỉ hưu|hưu trí|về hưu|đã hưu|\bhưu$|^hưu\b|nghỉ (?:việc|công tác|mất sức|hẳn|làm)(?! nhà)"
    r"|nghỉ chế độ|thôi việc"
    r"|nghỉ (?:theo )?(?:nghị định|nđ|tinh giản|178|theo 178)|tinh giản biên chế|đã nghỉ$"
    r"|đã nghỉ(?= ?[,.;(]| từ| năm| \d)"
    r"|thôi (?:giữ chức|làm|nhiệm vụ|chức|công tác|tham gia|dạy|giữ)|miễn nhiệm|hết nhiệm kỳ"
    r"|không tái cử|không còn làm"
    r"|chấm dứt hợp đồng|hết hợp đồng|bị kỷ luật buộc|buộc thôi|khai trừ|ra khỏi đảng|xóa tên"
    r"|đã xin nghỉ|xin nghỉ việc|bãi nhiệm|cách chức"
    r"|\bretired\b|resigned|\bquit\b|former (?:staff|employee)|left (?:the )?(?:office|job|company|post)"
    r"|no longer (?:works|employed)"
)
# Read in a note only: elsewhere "CĐ" is a college and "+" a blood group.
SHORTHAND: tuple[tuple[str, str], ...] = (
    ("dead", r"^\+ ?(?:\d{4}|\d{1,2}/\d{1,2}(?:/\d{2,4})?)?$|^\+ ?\d{1,2}[/.]|^\(?m\)? ?\d{4}$"),
    ("moved", (r"^(?:đã )?cđ(?: đi)?$|^(?:đã )?cđ (?:hn|hp|hcm|tp|\d|năm|từ|sang|về|đi|xã|huyện|tỉnh"
         r"|khẩu)|^c\.đ$")),
)  # fmt: skip
# Turns an "abroad" round: they are back, or only thinking of it; or it is only the money for it.
BACK = (
    r"về nước|trở về|đã về|mới về|vừa về|\bvề$|về năm|vay (?:vốn )?|muốn đi|đăng ký đi|có nhu cầu"
    r"|chuẩn bị|học tiếng|từng|công ty|quốc tịch|dạy tiếng|người"
    r"|hộ có|gia đình có|tư vấn|quay (?:về|lại)"
)

# "mat" without its accents; LOST stands for the table above, without its accents too.
BARE_DEAD = (
    r"\b(?:da|moi|vua) mat(?! LOST\b)|^mat$|^\(mat\)$|\bmat (?:nam|ngay|thang|luc|do benh|vi benh|roi)\b"
    r"|\bmat(?= ?\(?(?:(?:19|20)\d\d|\d{1,2}/\d))|(?:ong|cu|chu ho) mat(?! LOST\b)"
    r"|qua doi|tu tran|tu vong|\b(?:da|bi) chet\b|^chet\b|ta the|khuat nui|qua co|hy sinh|hi sinh"
    r"|khai tu\b|bao tu$"
    rf"|chet (?:nam|ngay|do|vi|\d)|nguoi (?:da )?(?:chet|mat)$|khong con song|mai tang phi|huong tho \d"
    rf"|{_DEAD_SIGNS}"
)
