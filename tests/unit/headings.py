"""Headings as lists have them, and what each column holds; one between bars."""

from __future__ import annotations

HEADINGS: dict[str, str] = {
    "number": "STT|TT|Số TT|stt.|No|Stt|No.",
    "name": "Họ và tên|HỌ VÀ  TÊN|Họ tên|Tên chủ hộ|Họ và tên của ông/bà *|Họ, tên|Họ tên giáo viên|"
    "Full name|Họ, chữ đệm và tên|Họ tên khai sinh|Họ và tên khai sinh|Tên khách hàng|"
    "Người đăng ký|Cử tri|Tên thành viên|Tên đoàn viên|Họ tên đảng viên|Họ và tên cử tri|Hoten|"
    "HoTen|hoVaTen|ho_ten|HO TEN|Ho va ten|Họ và tên người dân|Tên cán bộ|Người nộp hồ sơ|"
    "Người tham gia|Người dự thi|Thí sinh|Display Name|Name|Full Name|Customer name|"
    "Participant|Họ tên hội viên|Tên hộ|Tên chủ cơ sở|Họ tên người đại diện|Đại diện hộ|"
    "Người cao tuổi|Họ và tên vợ|Họ tên giáo viên|Nhân khẩu|Tên người dân|Họ tên (in hoa)|"
    "1. Họ và tên|Họ & tên|Họ tên đầy đủ|Họ và tên đầy đủ|Họ và tên ông/bà|Họ tên của bạn|"
    "Your name|Full name *|Tên đầy đủ|Họ tên người đăng ký|Họ và tên người khai|Danh tính|"
    "Họ tên công dân|Họ tên ĐV|Họ và tên đoàn viên|Họ tên chiến sĩ|Ho ten day du|HỌ TÊN|Họ&tên|"
    "Họ_tên|Tên người nhận|Tên người tham gia|Tên người sử dụng|Tên chủ thẻ|Người thụ hưởng|"
    "Người được hỗ trợ|Người có công|Contact Name|Employee name",
    "family_name": "Họ đệm|Họ và tên đệm|Họ lót|Họ và chữ lót|Họ và chữ đệm|Last Name|Family Name|Surname|"
    "Họ và tên lót|Họ|Họ & đệm|Họ, tên đệm",
    "middle_name": "Tên đệm|Chữ lót|Middle Name|Đệm|Additional Name|Lót",
    "given_name": "Tên|First Name|Given Name|Tên gọi|First name",
    "phone": "SĐT|ĐT|DĐ|Số ĐT|S.Đ.T|Đ/T|Điện thoại|Số điện thoại liên hệ|Di động|so dien thoai|"
    "Số điện thoại (có dùng Zalo) *|Liên hệ Điện thoại|Số máy|Phone number|SĐT cá nhân|"
    "Điện thoại cá nhân|SĐT cán bộ|SĐT đảng viên|Số điện thoại của ông/bà|SĐT nhận tin nhắn|"
    "SĐT nhận SMS|SĐT mới|Số điện thoại mới|Số mới (điện thoại)|SĐT hiện tại|SĐT đang dùng|"
    "SĐT 1|SĐT 2|SĐT chính|SĐT phụ|SĐT khác|Mobile|Mobile Phone|Phone|Phone 1 - Value|"
    "Phone 2 - Value|Cell phone|Tel|Telephone|Tel.|sodienthoai|soDienThoai|so_dien_thoai|"
    "phone_number|PhoneNumber|DTDD|Sdt|ĐTDĐ|Số ĐTDĐ|Số di động|Điện thoại di động|ĐT liên hệ|"
    "Số liên lạc|Số ĐT liên lạc|Số điện thoại Zalo|SĐT người dân|SĐT hội viên|SĐT khách hàng|"
    "Primary Phone|SIM|Điện thoại công vụ|SĐT chính chủ|SĐT/CCCD|Other Phone|SĐT đăng ký VNeID|"
    "Điện thọai|SDT|Số ĐT (nếu có)|Điện thoại liên hệ (ghi rõ)|SĐT của bạn|"
    "Số điện thoại của anh/chị|Your phone number|Contact number|Mobile number|ĐT cầm tay|"
    "Số cầm tay|Số ĐT di động|SĐT hộ|Điện thoại hộ gia đình|SĐT đăng ký nhận tin|Số nhận tin|"
    "Số điện thoại chính|SĐT chính thức|Điện thoại người đăng ký|Zalo/SĐT|Số Zalo/Facebook|"
    "so dt|Dien thoai di dong|Phone No.|Phone no|Telephone number|Số ĐT người nhận|"
    "SĐT thành viên|SĐT học viên|Số thuê bao|Số phone|WhatsApp|SĐT đảng viên mới|SDT lien he|"
    "Số liên hệ|SĐT người khai",
    "zalo": "Zalo|Số Zalo|Liên hệ Zalo|Nick Zalo|Tài khoản Zalo",
    "email": "Email|E-mail|Thư điện tử|Hòm thư|Địa chỉ email|Liên hệ Thư điện tử|E-mail 1 - Value|"
    "E-mail Address|Email cá nhân|Email công vụ|Địa chỉ thư điện tử|Gmail|email|Mail|"
    "Địa chỉ mail|Email liên hệ|Mail cá nhân|Hộp thư điện tử|Email của bạn|Email address|"
    "thuDienTu",
    "area": "Thôn|KDC|Khu dân cư|Tổ dân phố|Thôn/Xóm|Ông/bà ở thôn nào?|Bản|Bản/Làng|Khóm|KP|Khu phố|"
    "Tiểu khu|Buôn|Ấp|Làng|Tên thôn|Thon|Khu vực",
    "part_of_area": "Xóm|Tổ|Đội|Tổ số|Cụm",
    "address": "Địa chỉ|Nơi ở|Đ/C|Hộ khẩu thường trú|Địa bàn cư trú|Địa chỉ thường trú|diaChi|diachi|"
    "Home Street",
    "old_commune": "Xã cũ",
    "role": "Chức vụ|Chức danh|Chức vụ Đảng|Nhiệm vụ|Job Title|chucVu",
    "unit": "Đơn vị|Cơ quan|Phòng|Bộ phận|Đơn vị công tác|Tổ chuyên môn|Organization Name|Company|"
    "Tên cơ quan|Tên đơn vị|Department",
    "party_cell": "Chi bộ",
    "class": "Lớp",
    "pupil": "Con|Họ tên học sinh|HS|Họ tên con|Học sinh Họ và tên",
    "father": "Họ tên cha|Cha Họ tên|Bố|Họ và tên bố",
    "mother": "Họ tên mẹ|Mẹ",
    "parent": "Họ tên phụ huynh|Người giám hộ|Họ và tên bố (mẹ)",
    "father_phone": "SĐT bố|Cha SĐT|Điện thoại của bố",
    "mother_phone": "SĐT mẹ|Mẹ Điện thoại",
    "parent_phone": "SĐT phụ huynh|Điện thoại bố/mẹ|SĐT PHHS|SĐT bố hoặc mẹ|Điện thoại cha/mẹ|"
    "SĐT người giám hộ|Parent phone|Guardian phone",
    "note": "Ghi chú|g.chú|Tình trạng|Biến động|Còn sống/đã mất|Tình trạng (mất, chuyển đi)|"
    "Ghi chú (đã mất, chuyển đi...)|Trạng thái cư trú|Tình trạng cư trú|Status|Remarks|Notes|"
    "Biến động dân cư|Hiện trạng|Lý do|Lý do chuyển|ghiChu|ghichu|Ghi chú thêm|Ghi chú khác|"
    "Tình hình|Tình trạng hiện tại|Tình trạng sống|Biến động trong năm|Thông tin thêm|Khác|"
    "Other|Memo|Remark|Chú ý",
    "consent": "Ông/bà có đồng ý nhận tin nhắn không?|Đồng ý nhận tin|Có nhận tin nhắn không|Nhận tin|"
    "Nhận tin nhắn|Đăng ký nhận tin|Có đồng ý nhận thông báo không?|Muốn nhận tin|Opt-in|"
    "Subscribed|Consent|Ông/bà có muốn nhận tin nhắn nhắc việc không?|Bạn có đồng ý nhận tin?|"
    "Đồng ý nhận thông báo qua SMS|Cho phép gửi tin nhắn|Có muốn nhận tin|SMS consent|"
    "Agree to receive SMS|Chấp thuận nhận tin",
    "timestamp": "Dấu thời gian|Timestamp|Thời gian gửi|Start time|Completion time|Thời gian hoàn thành|"
    "Submitted at",
    "honorific": "Danh xưng|Xưng hô",
    "sex": "Giới tính",
    "female": "Nữ|Năm sinh Nữ",
    "male": "Nam|Năm sinh Nam",
    "ignore": "Ngày sinh|Năm sinh|Năm|Dân tộc|Tôn giáo|Hộ nghèo|Số CCCD|Mã định danh|Quan hệ với chủ hộ|"
    "Quê quán|Ngày vào Đảng|Ký nhận|Tình trạng hôn nhân|Số khẩu|Trình độ|Cần sửa|Lấy từ|MSSV|"
    "MSHS|SBD|MST|STK|Số BHXH|Số CC|ĐDCN|Số GTTT|Số hồ sơ|UID|Số tiền|Mã NV cũ / MSNV|"
    "maSinhVien|mssv|ngaysinh|noisinh|tongdiem|Mã hộ|Mã số thuế|Số tài khoản|"
    "Số tài khoản ngân hàng|Số thẻ BHYT|Số báo danh|Mã hồ sơ|ID|Mã khách hàng|"
    "Mã định danh cá nhân|Số định danh|Căn cước|CMND/CCCD|Số CMT|Passport|Hộ chiếu|Số hộ khẩu|"
    "Số hợp đồng|Số hóa đơn|Số phiếu|Số seri|Biển số xe|Tổng tiền|Số tiền đóng|Thành tiền|"
    "Học phí|Kinh phí|Thu nhập|Amount|Price|Mức hỗ trợ|Date|Date of birth|DOB|Birthday|Tuổi|"
    "Ngày cấp CCCD|Ngày đăng ký|Năm vào Đảng|Labels|Phone 1 - Label|Phone 1 - Type|"
    "E-mail 1 - Label|Nickname|Tên đăng nhập|Tên Zalo|Nhóm Zalo|Nhà mạng điện thoại|"
    "Mã định danh Bộ GD&ĐT|Mã giáo viên|MSGV|Mã lớp|Số quyết định|Số thửa|Số tờ bản đồ|"
    "Mã bưu chính|Zip code|Account number|Invoice no|Ma so thue|So tai khoan|so_cccd|"
    "soTaiKhoan|Số sổ hộ nghèo|Số sổ BHXH|Mã bệnh nhân|Số khung|Username|Mật khẩu|Nghề nghiệp|"
    "Ngày nộp tiền|Mã số|Mã|Số GCN|Số BHYT|Mã thẻ|Mã BHXH|Số CCCD/CMND|Mã PIN|Mã SV|Mã HS|"
    "Mã số sinh viên|Student ID|Employee ID|Citizen ID|National ID|Tax code|Số TK|"
    "Số TK ngân hàng|STK ngân hàng|Số giấy phép|Số đăng ký xe|Số công tơ|Mã công tơ|"
    "Mã khách hàng điện|Số lô|Số hợp đồng điện|Mã đơn hàng|Order ID|Transaction ID|"
    "Số giao dịch|Số chứng từ|Số thứ tự hộ|Số nhà|Số tiền vay|Dư nợ|Số tiền (đồng)|"
    "Số tiền hỗ trợ (VNĐ)|Lương|Salary|Tổng thu nhập|Created at|Updated|Ngày lập|Ngày tiêm|"
    "Giờ đến|Năm TN|Hạn thẻ|maso|ma_so|masv|MaHS|soCCCD|SoTK|mã vạch|Barcode|Số serial|Số IMEI|"
    "Số BLX|Mã quét|QR code|Số hồ sơ một cửa|Mã TTHC|Toạ độ|GPS|Số QĐ|Mã ĐVQHNS|Mã số BHXH|"
    "Số sổ|Số đinh danh|So CMND|so dinh danh ca nhan|Số căn cước công dân",
    "": "Màu xe|Cán bộ phụ trách||Hiện tại|Diễn giải|Bạn có muốn tham gia không?|Sở thích|Cỡ áo|"
    "Kích cỡ áo|Ý kiến|Góp ý|Câu hỏi 1|Đáp án|Xe đưa đón|Hình thức|Ghế|abc|Column1|Field 7|"
    "Nội dung|",
    "old_phone": "Số cũ|SĐT cũ|Số điện thoại cũ|ĐT cũ|Old phone|Previous phone|SĐT trước đây|SDT cu|SĐT (cũ)|"
    "Số cũ (ĐT)|ĐT trước|Số điện thoại trước đây|Old number (phone)|SĐT đã đăng ký trước đây",
    "spare_phone": "SĐT dự phòng|Điện thoại nhà|ĐT nhà riêng|Điện thoại bàn|Điện thoại cố định|Home Phone|"
    "Landline|Backup phone|ĐT cố định",
    "relative_phone": "SĐT người thân|Điện thoại gia đình|ĐT gia đình|SĐT người nhà|SĐT vợ|SĐT chồng|SĐT con|"
    "SĐT con trai|SĐT vợ/chồng|SĐT người liên hệ|SĐT khi cần|SĐT liên hệ khẩn cấp|"
    "Số điện thoại khẩn cấp|Emergency contact phone|Emergency phone|Spouse phone|SĐT thân nhân|"
    "SĐT người báo tin|SĐT người thân (khi cần)|Số điện thoại người nhà|SDT nguoi than|"
    "Liên hệ khẩn cấp (SĐT)|ĐT con gái|SĐT hàng xóm|SĐT cháu|Next of kin phone|"
    "SĐT người chăm sóc|SĐT ông bà|SĐT người thân 1|Điện thoại liên hệ người thân|"
    "SĐT con (cháu)|SĐT anh/chị/em|Số điện thoại của con|SĐT vợ (chồng)|ĐT người nhà khi cần|"
    "Emergency Contact|Emergency contact number|Family phone|Relative's phone|Husband's phone|"
    "SĐT con dâu|SĐT báo tin|Liên hệ khi khẩn cấp|"
    "Số điện thoại người thân liên hệ khi cần thiết|SĐT người bảo hộ|Dien thoai gia dinh|"
    "sdt nguoi nha",
    "other_phone": "SĐT trưởng thôn|SĐT tổ trưởng|Điện thoại trưởng xóm|SĐT bí thư chi bộ|SĐT GVCN|"
    "SĐT giáo viên chủ nhiệm|SĐT cán bộ phụ trách|SĐT người phụ trách|ĐT cơ quan|"
    "Điện thoại cơ quan|SĐT đơn vị|SĐT công ty|Work Phone|Business Phone|Company Main Phone|"
    "Hotline|SĐT UBND xã|SĐT công an|SĐT người lập|SĐT người giới thiệu|SĐT cộng tác viên|"
    "Số điện thoại CTV|Đường dây nóng (điện thoại)|SĐT chủ hộ|Fax|Business Fax|SĐT nhà trường|"
    "SĐT người quản lý|Assistant's Phone|SDT truong thon|SĐT điều tra viên|SĐT lớp trưởng|"
    "SĐT văn phòng|Điện thoại nơi làm việc|SĐT cán bộ thôn phụ trách|ĐT trưởng ban|"
    "SĐT trưởng nhóm|Điện thoại thôn trưởng|SĐT GV|SĐT cô giáo chủ nhiệm|Số điện thoại UBND|"
    "Điện thoại trường|SĐT nhân viên thu tiền|Manager phone|Office phone|Company phone|"
    "SĐT cơ quan công tác|SĐT Công an xã|SĐT tổ trưởng TDP|SĐT bí thư|SĐT người nhập liệu|"
    "Điện thoại văn phòng|SĐT giám đốc|SĐT đội trưởng|Telephone (office)|SĐT trạm y tế|"
    "SĐT bác sĩ|SĐT y tá|SĐT chủ nhà trọ|SĐT cộng tác viên dân số",
    "officer": "Trưởng thôn|Họ tên trưởng thôn|Bí thư chi bộ|Bí thư|Tổ trưởng|Tổ trưởng tổ dân phố|"
    "Trưởng xóm|Trưởng bản|Phó thôn|Phó trưởng thôn|Công an viên|Chi hội trưởng phụ nữ|"
    "Trưởng ban công tác mặt trận|Trưởng ban CTMT|Trưởng khu phố|Truong thon|"
    "Họ và tên bí thư chi bộ|Tổ phó|Khu trưởng|Trưởng thôn/bản|Tên trưởng thôn|Trưởng TDP|"
    "Trưởng khu dân cư|Bí thư chi bộ thôn|Chi hội trưởng nông dân|Thôn trưởng|Trưởng ấp|"
    "Tổ trưởng tổ công nghệ số cộng đồng|Phó bí thư|Họ tên tổ trưởng|Bí thư đoàn",
    "dead": "Đã mất|Ngày mất|Năm mất|Mất|Đã chết|Chết|Ngày chết|Tử vong|Ngày từ trần|Đã qua đời|"
    "Ngày giỗ|Deceased|Date of death|Died|Da mat|Ngay mat|Người đã mất|Nguyên nhân chết|"
    "Nguyên nhân tử vong|Ngày hy sinh|Khai tử|Số giấy chứng tử|Ngày tháng năm mất|Qua đời|"
    "Đã từ trần|Dead|Mất năm|Đã từ trần (x)|Tử|Ngày báo tử|Ngày khai tử|Chết (đánh x)|"
    "Đã mất (đánh dấu x)|Năm từ trần|Thời điểm tử vong|Deceased?|Is deceased|Death date|"
    "Date deceased|da_mat|daMat|ngayMat|Ngày qua đời|Hy sinh|Liệt sĩ ngày hy sinh|Mất ngày|"
    "Đã chết (có/không)",
    "moved": "Đã chuyển đi|Chuyển đi|Đã chuyển|Nơi chuyển đi|Ngày chuyển đi|Chuyển khẩu|"
    "Nơi chuyển đến ở|Đã chuyển khẩu|Ngày chuyển khẩu|Cắt khẩu|Tạm vắng|Đi nước ngoài|XKLĐ|"
    "Moved|Da chuyen di|Chuyển nơi khác|Đi khỏi địa phương|Không còn ở địa phương|"
    "Đã chuyển trường|Moved away|Xuất khẩu lao động|Định cư nước ngoài|Chuyển đi (x)|"
    "Chuyển đi đâu|Chuyển đi nơi khác|Nơi chuyển tới|Đã cắt khẩu|Chuyển hộ khẩu|Ngày cắt khẩu|"
    "Đã rời địa phương|Chuyển sinh hoạt Đảng|Không cư trú|Không còn cư trú|"
    "Vắng mặt tại địa phương|Đi làm ăn nước ngoài|Ở nước ngoài|Đang ở nước ngoài|Đã đi XKLĐ|"
    "Date moved|Moved out|Has moved|chuyenDi",
    "refuses": "Không muốn nhận tin|Không nhận tin|Từ chối nhận tin|Từ chối|Không đồng ý nhận tin|"
    "Không nhận SMS|Ngừng nhận tin|Đã từ chối|Không liên hệ|Không gọi|Do not contact|"
    "Do not call|Opt out|Opt-out|OptOut|opted_out|Unsubscribed|DNC|Blacklist|Khong nhan tin|"
    "Ko nhận tin|Hủy nhận tin|Dừng nhận tin|Chặn tin|Chưa đồng ý nhận tin|"
    "Không cho phép nhắn tin|Không đồng ý|doNotContact|Danh sách đen|Đừng liên hệ|"
    "Không muốn nhận thông báo|Không nhận tin nhắn|Không đồng ý nhận|Từ chối liên lạc|"
    "Không được gọi|Không nhắn|Đừng gọi|Không cho nhắn tin|Không gửi tin|Do-not-call|"
    "do_not_contact|No SMS|No contact|Opted out|Unsubscribe|Không làm phiền|"
    "Yêu cầu dừng nhận tin|Ngừng gửi tin|Hủy đăng ký nhận tin|Từ chối nhận SMS|"
    "Khong muon nhan tin|Ko muốn nhận|Người từ chối|Suppressed|Không có nhu cầu nhận tin",
    "wrong_number": "Sai số|Số sai|Nhầm số|Sai SĐT|Không liên lạc được|Không gọi được|Wrong number|Invalid|"
    "Bounced|Unreachable|Sai so",
    "retired": "Đã nghỉ hưu|Nghỉ hưu|Nghỉ việc|Đã nghỉ việc|Thôi việc|Retired|Đã nghỉ|Resigned",
    "alive": "Còn sống|Đang sống|Alive|Con song|Sống",
    "present": "Còn ở địa phương|Đang cư trú|Còn cư trú|Đang ở địa phương|Có mặt tại địa phương|"
    "Còn sinh hoạt|Đang sinh sống tại địa phương",
    "number_in_use": "Số còn dùng|Còn liên lạc được|Số dùng|Active|Đang sử dụng|Liên lạc được",
}

# Written later, by another mind.
MORE_HEADINGS: dict[str, str] = {
    "name": "Họ và tên chủ hộ|Tên hội viên|Tên đảng viên|Họ tên CBCC|Họ và tên CB, CC|"
    "Họ tên cán bộ, công chức|Họ và tên (chữ in hoa)|Họ tên công nhân|Họ và tên người lao động|"
    "Họ tên NLĐ|Tên NCT|Họ và tên NCT|Họ tên người hưởng|Họ tên đối tượng|Họ và tên bệnh nhân|"
    "Tên chủ sử dụng|Họ và tên đại biểu|Họ tên CCB|Người bầu cử|Họ tên thương binh|"
    "Ho va ten chu ho|hovaten_chuho|FullName|full_name|Ten day du|Họ & Tên *|Họ tên (theo CCCD)|"
    "Họ và tên theo CCCD|Họ tên người tham gia BHYT|Hộ gia đình ông (bà)|Tên ông bà|"
    "Họ tên thành viên|Quý ông/bà|Họ tên đồng chí|Đồng chí|Tên khách|Họ tên ứng viên|Họ tên Đ/C|"
    "Họ và tên đ/c|Tên người nhận quà|Họ tên người nhận|Người được cấp|Họ và tên người đứng đơn|"
    "Họ tên cá nhân|Tên cá nhân|Họ tên HV|Họ và tên CBGV|Tên giáo viên|Họ tên nhân sự|Nhân sự|"
    "Tên đầy đủ của bạn|Xin cho biết họ tên|tên_chủ_hộ|Tên chủ nhà|Chủ hộ|Họ tên đoàn viên|"
    "Hội viên|Họ tên hội viên HPN|Cán bộ, công chức, viên chức|Họ tên xã viên",
    "phone": "Số điện thoại di động|SĐT liên lạc|Số đt người dân|Điện thoại/Zalo|ĐT/Zalo|"
    "Số điện thoại (Zalo)|Số ĐT cá nhân|SĐT ĐV|SĐT của đảng viên|SĐT cá nhân của ông bà|"
    "Điện thoại (bắt buộc)|Số điện thoại *|Số điện thoại của bạn là gì?|Nhập số điện thoại|"
    "Xin cho biết số điện thoại|SĐT đang sử dụng|SĐT hiện nay|SĐT liên hệ chính|mobilePhone|"
    "phoneNumber|PHONE_NO|so_dt|sodt|SoDienThoaiDiDong|Mobile no.|Contact phone|"
    "Điện thoại thông minh (số)|Số điện thoại công dân|Số ĐT cử tri|Số điện thoại nhận tin|"
    "Số điện thoại nhận thông báo|Số ĐT để liên hệ|ĐTDĐ cá nhân|Đ.thoại|Điện thoại DĐ|số Đt|"
    "Số ddt|Tel/Mobile|SĐT người tham gia|SĐT người hưởng|SĐT NCT|SĐT CCB|Số phone liên hệ|"
    "Di động 1|Điện thoại 1|SĐT 01|Sđt02|ĐT liên lạc|Điện thoại để nhận tin|SĐT giao dịch VNeID|"
    "SĐT đăng ký định danh|Số ĐT chính chủ|Số điện thoại công chức|Điện thoại di động cá nhân|"
    "SDT_lienhe|dien_thoai|phone1|Cell|Số điện thoại (10 số)|SĐT (ghi rõ)|Số đt của hội viên|"
    "Số ĐT đoàn viên|SĐT (mới)|ĐT mới|Số mới|SĐT sau đổi số|Số di động mới",
    "spare_phone": "ĐT nhà|Số máy bàn|Điện thoại nhà riêng",
    "relative_phone": "Điện thoại người nhà|SĐT của con|Số ĐT con trai|Số điện thoại chồng|"
    "Điện thoại người liên hệ khi cần|Số điện thoại gia đình|Điện thoại thân nhân|"
    "Số ĐT của con gái|Số điện thoại của vợ|SĐT con cháu|Điện thoại báo tin|Số ĐT anh chị em|"
    "ĐT người thân",
    "other_phone": "Số ĐT tổ trưởng|Work phone|SĐT kế toán|SĐT chi hội trưởng|Điện thoại UBND xã|"
    "SĐT người lập biểu|SĐT công an viên|SĐT nhân viên y tế|SĐT phụ trách|SĐT thôn trưởng|"
    "SĐT trưởng ấp|Điện thoại trưởng KP|ĐT trưởng xóm|SĐT cơ quan|SĐT quản lý|SĐT chủ trọ|"
    "SĐT công an khu vực|Điện thoại trạm y tế|SĐT ban CTMT",
    "father_phone": "SĐT cha|ĐT bố|Số điện thoại bố|Điện thoại cha",
    "mother_phone": "ĐT mẹ|Số điện thoại của mẹ",
    "parent_phone": "Số ĐT bố mẹ|SĐT cha mẹ|Điện thoại phụ huynh|SĐT liên lạc PH",
    "ignore": "CCCD|Số định danh cá nhân|Mã NV|Mã HV|Mã số HV|Số GPLX|Số thẻ đảng|Số thẻ đảng viên|"
    "Số thẻ hội viên|Số hiệu|Mức đóng|Ngày cấp|Nơi cấp|Trình độ học vấn|Nơi sinh|Số nhân khẩu|"
    "Chữ ký|Số hộ chiếu|Ngày chính thức|Mã CCVC|Mã đơn vị|Mã đvqhns|Số vào sổ|Mã vùng|Số CMTND|"
    "Số sổ hộ khẩu|Số sổ tiết kiệm|Số đăng ký|Số biên lai|Điểm|Xếp loại|Mã số định danh HS|"
    "Mã moet|Mã trường|Số căn cước|CMND|Số CMND/CCCD|Số thẻ ATM|TK ngân hàng|Mã PGD|Mã tổ TK&VV|"
    "Số HĐ|Số đơn|Mã đơn|Mã vận đơn|Số chứng minh|Số chứng chỉ|Số bằng|Mã số cán bộ|Mã công chức|"
    "Số hiệu cán bộ|Mã cử tri|Số thẻ cử tri|Mã hộ gia đình|Mã hộ nghèo|Số giấy CN|Số GCN QSDĐ|"
    "Mã quan hệ NSNN|Mã thẻ BHYT|Điểm thi|Thời gian làm bài|Hệ số|Ngày tháng năm sinh|"
    "Ngày hết hạn|Nguyên quán|Số CT|Số lượng quà|Mã ĐDCN|Mã dự thi|Số ký hiệu",
    "email": "Địa chỉ e-mail|Email (nếu có)|Thư điện tử công vụ|Hộp thư|mail cá nhân|E-mail của bạn|"
    "EmailAddress|Hòm thư điện tử|Gmail cá nhân",
    "area": "Thôn (xóm, tổ)|Thôn/bản|Thôn, bản|Tổ/thôn|Thôn, tổ dân phố|TDP|Tổ dân phố số|Ấp/khóm|"
    "Khóm/ấp|Tên ấp|Buôn/làng|Thôn (làng)|Thuộc thôn|Thôn nơi cư trú|Thôn/Tổ dân phố nơi ở|"
    "Khu phố/ấp|Bản (làng)|Phum sóc|Sóc|Thôn/ấp/khu phố|Địa bàn thôn|Thôn xóm|Tên thôn, xóm|"
    "Khu/ấp|Ấp, khu phố|Tổ dân phố (thôn)|Khu phố (ấp)|Tên tổ dân phố|Khu hành chính|"
    "Bản, tổ dân phố|Thôn, xóm, bản|Xóm/Thôn/Bản|Làng/bản/buôn|Thôn / KDC",
    "part_of_area": "Nhóm|Cụm dân cư|Tổ liên gia|Tổ nhân dân tự quản|Số tổ",
    "address": "Nơi thường trú|Chỗ ở hiện nay|Địa chỉ nhà|Nơi ở hiện tại|Địa chỉ liên hệ|HKTT|Hộ khẩu|"
    "Nơi đăng ký HKTT|Nơi tạm trú|Địa chỉ cư trú|ĐC thường trú|Home address|Địa chỉ hiện nay|"
    "Chỗ ở|Thường trú|ĐKTT|Nơi đăng ký thường trú|Địa chỉ theo CCCD|Địa chỉ (số nhà, đường)|"
    "Nơi ở thực tế",
    "unit": "Cơ quan, đơn vị|Nơi công tác|Phòng/ban|Ban, ngành|Đoàn thể|Tổ chức|Khoa/phòng|"
    "Cơ quan công tác|Phòng ban|Ban ngành đoàn thể|Tên cơ quan, đơn vị",
    "role": "Chức vụ hiện nay|Chức vụ chính quyền|Chức vụ đoàn thể|Vị trí việc làm|Chức danh nghề nghiệp|"
    "Chức vụ/Chức danh|Nhiệm vụ được giao|Chức vụ kiêm nhiệm|Chức vụ trong Đảng|Vị trí",
    "note": "Ghi chú (nếu có)|GC|Trạng thái|Kết quả liên hệ|Kết quả gọi|Ghi chú của thôn|Diễn biến|"
    "Nội dung biến động|Note khác|Tình trạng hiện nay|Tình trạng SĐT|Ghi chú SĐT|Tình trạng số|"
    "Xác minh|Kết quả xác minh|Kết quả rà soát|Lý do giảm|Lý do không tham gia|Phản hồi|Kết quả|"
    "Nhận xét",
    "dead": "Từ trần|Ngày tử vong|Báo tử|Đã mất (x)|Năm chết|Đã khai tử",
    "moved": "Đi XKLĐ|Đi làm ăn xa|Nơi chuyển đến|Đã chuyển đi (x)|Chuyển trường|Đi lao động nước ngoài|"
    "Không có mặt tại địa phương",
    "refuses": "Đã hủy đăng ký|Không cho liên hệ",
    "consent": "Có muốn nhận tin nhắn không?|Đồng ý nhận tin nhắn|Bạn có đồng ý nhận thông báo qua SMS?|"
    "Đồng ý nhận SMS (Có/Không)",
    "alive": "Còn sống?",
    "sex": "Nam/Nữ|Phái|GT",
    "pupil": "Họ và tên HS|Tên học sinh|Họ và tên trẻ|Tên cháu",
    "father": "Họ tên bố|Họ và tên cha|Họ tên cha (bố)",
    "mother": "Họ và tên mẹ|Tên mẹ",
    "parent": "Họ và tên PHHS|Tên phụ huynh|Họ tên cha mẹ",
    "class": "Lớp học|Tên lớp|Lớp hiện tại",
    "party_cell": "Sinh hoạt tại chi bộ|Chi bộ sinh hoạt|Thuộc chi bộ",
    "old_commune": "Xã/phường cũ",
    "number_in_use": "Còn sử dụng",
}

# Written later still, before the rules were looked at.
NEWER_HEADINGS: dict[str, str] = {
    "name": "Họ và tên người cao tuổi|Họ tên người được mời|Họ và tên hội viên nông dân|"
    "Tên đại biểu|Người đại diện hộ|Họ tên (viết hoa có dấu)|Họ, tên chủ hộ|"
    "Họ và tên chủ cơ sở kinh doanh|Tên người lao động|Danh sách thành viên|Họ tên cựu chiến binh|"
    "Người được tiêm|Họ tên người vay|Tên tổ viên|Họ và tên khai sinh của người đi học|Tên chủ nuôi|"
    "Chủ vật nuôi|Họ tên chủ vật nuôi|Họ tên người nộp|Tên người đóng|Người khai báo|"
    "Họ tên người khám|Họ tên hội viên phụ nữ|Họ và tên người dự họp|Họ, tên đệm và tên|"
    "Tên người đăng kí|Họ tên người đăng kí tham gia|Họ tên đảng viên dự bị|"
    "Người có tên trong danh sách|Chủ hộ (ghi rõ họ tên)|Tên chủ hộ gia đình|Họ tên vợ hoặc chồng|"
    "Họ tên thành viên tổ|Họ và tên công dân đủ 18 tuổi|Người nộp thuế|Họ tên NNT|Tên người nộp thuế|"
    "Tên chủ xe|Chủ tàu|Họ tên cán bộ hội|Tên tình nguyện viên|Họ và tên người khuyết tật|"
    "Họ tên thân nhân liệt sĩ|Người vay vốn|Họ tên công chức được cử|Name of participant|"
    "Participant name|Resident|Họ tên cư dân|Cư dân",
    "phone": "SĐT để xã nhắn tin|Điện thoại (di động)|Số ĐTDĐ liên hệ|Di động/Zalo|"
    "Số dt lien he|SĐT liên hệ (nếu có)|Số ĐT/Zalo|SĐT hội viên nông dân|Sđt chính xác|"
    "SĐT đã xác minh|SĐT chuẩn|SĐT cập nhật|SĐT cập nhật 2026|Số điện thoại mới nhất|SĐT sau rà soát|"
    "phone_mobile|mobile_number|DienThoai1|Phone (mobile)|cellphone number|Contact No|SĐT nhận mã OTP|"
    "SĐT cài VNeID|Điện thoại của người được mời|Số máy di động|Điện thoại LH|SĐT LH|ĐT LH|Số để gọi|"
    "ĐTCN|Zalo cá nhân|SĐT Zalo cá nhân|Số đăng ký Zalo|Zalo (số)|Số ĐT đang dùng|SĐT thường dùng|"
    "Số điện thoại hay dùng|SĐT của công dân|Điện thoại công dân|SĐT người đăng kí|"
    "Số điện thoại (chính chủ)|Số ĐT nhận tin của xã|SĐT nhận SMS (nếu có)|ĐT(nếu có)|điện thoại|"
    "ĐIỆN THOẠI LIÊN HỆ|Dien thoai LL|SO DIEN THOAI DI DONG|Sdt Zalo/Facebook|Số ĐT smartphone|"
    "Số thuê bao di động|phone number 1|Phone1|Tel no|Mobile phone number|SĐT đổi mới|"
    "Số ĐT sau khi đổi|Điện thoại hiện dùng|SĐT chủ tài khoản VNeID|SĐT đăng ký định danh điện tử|"
    "Điện thoại người nộp thuế|SĐT NNT|Số ĐT tình nguyện viên|SĐT cư dân",
    "email": "Mail công vụ|Địa chỉ hộp thư|E mail|Email nhận thông báo|email_address|Thư ĐT|"
    "Hòm thư công vụ|Email của công chức|Địa chỉ thư điện tử (nếu có)|Mail liên lạc|Email Address *|"
    "e-mail cơ quan cấp|Tài khoản gmail",
    "part_of_area": "Thuộc xóm|Xóm/tổ",
    "area": "Thôn/TDP|Thôn - Xóm|Tên xóm|Địa bàn (thôn)|Ấp số|KP số|Tổ dân phố/thôn/bản|Bon|"
    "Plei|Tên làng|Thôn bản|Đơn vị thôn|Sinh hoạt tại thôn|Thôn sinh hoạt|KDC số|Tên khu dân cư|"
    "Ở thôn|Thôn cư trú|Thôn nào|Bạn ở thôn nào?|Tên thôn/tổ|Thôn, xóm, tổ dân phố|Khu dân cư (KDC)|"
    "Ấp nào|Tên bản|Tổ dân phố nơi cư trú|TDP/thôn|Khóm, ấp|Địa bàn sinh sống|Khu vực sinh sống|"
    "Làng/xóm|Buôn, thôn",
    "address": "Nơi cư trú|Nơi ở hiện nay|Địa chỉ nơi ở|Đ/c thường trú|Đchi|Dia chi thuong tru|"
    "Nơi ĐKHKTT|Chỗ ở hiện tại|Địa chỉ cụ thể|Nơi ở (thôn, xã)|Nơi ở thường xuyên|Địa chỉ đăng ký|"
    "Nơi thường trú/tạm trú|Chỗ ở thường xuyên|Đ/c liên hệ|Địa chỉ hộ khẩu",
    "role": "Chức vụ, đơn vị|Cương vị|Vai trò|Nhiệm vụ đảm nhiệm|Chức danh hiện tại|"
    "Chức vụ trong tổ|Chức vụ đảng|Chức vụ (nếu có)|Chức danh, vị trí|Nhiệm vụ phân công|Position|"
    "Chức vụ công tác",
    "unit": "Cơ quan/đơn vị|Tổ chức hội|Cơ quan làm việc|Ban ngành|Đơn vị (phòng, ban)|"
    "Cơ quan chủ quản|Đơn vị phụ trách|Phòng, ban, đơn vị|Cơ quan - đơn vị",
    "note": "Lưu ý|Lưu ý khác|Tình trạng thuê bao|Kết quả nhắn tin|Lý do chưa tham gia|"
    "Lý do vắng|Nội dung ghi chú|Comments|Diễn biến cư trú|Ghi chú (mất, chuyển...)|"
    "Ghi chú về số điện thoại|Tình trạng hội viên|Tình trạng đảng viên|Biến động hộ khẩu|"
    "Biến động nhân khẩu|Lý do không liên lạc được|Kết quả liên lạc|Nhật ký gọi|Tình trạng liên lạc|"
    "Ghi chú cán bộ|Chú thích|Ý kiến khác|Thông tin bổ sung|Trạng thái số|Trạng thái liên hệ|"
    "Tình trạng thực tế",
    "ignore": "Mã hồ sơ DVC|Mã số hộ|Số thẻ hưu trí|Mã số thuế cá nhân|Số CCCD mới|Mã bưu điện|"
    "Số thẻ thương binh|Số sổ lương hưu|Số tiền nộp (đồng)|Tổng số tiền|Số con|Số chó|"
    "Số lượng vật nuôi|Diện tích (m2)|Số thửa đất|Tờ bản đồ số|Mã thửa|Ngày sinh (dd/mm/yyyy)|"
    "Năm sinh chồng|Số giấy chứng nhận|Mã số doanh nghiệp|Số ĐKKD|Số thẻ nhà báo|Số hiệu giấy tờ|"
    "Số giấy phép lái xe|Ngày nhập|Người nhập|Số công văn|Số báo cáo|Số sim/IMEI|Mã máy|"
    "Số hoá đơn điện|Mã KH|MÃ KHANG|Số tài khoản Agribank|Tên ngân hàng|Mã QR|Số tem|Số vắc xin|"
    "Lô vắc xin|Số mũi|Chiều cao|Cân nặng|Huyết áp|Số phòng|Số ghế|Mã vé|Biển số|Số giấy mời|"
    "Số phiếu bầu|Ngày kết nạp|Số quyết định kết nạp|Số LL|Mã số BHYT|Số sổ KCB|Mã thẻ đảng viên|"
    "CCCD chủ hộ|Phương tiện|SĐT cũ (không dùng)|Số CCCD (12 số)|Mã định danh (CCCD)|Số CC/CCCD|"
    "Số căn cước (mới)|Mã số BHXH (10 số)|Mã BHYT 10 số|Mã hộ gia đình BHYT|Số thẻ BHYT mới|"
    "Mã số thuế NNT|MST cá nhân|STK nhận trợ cấp|Số tài khoản nhận tiền|Số TK (Agribank)|"
    "Mã số học sinh (VNEDU)|Mã định danh học sinh|SBD thi|Số hồ sơ nộp|Mã biên nhận|Số sổ đỏ|"
    "Mã khách hàng EVN|Mã PE|Số công tơ điện|Số khung/số máy|Số tiền phải nộp|Số tiền đã nộp|"
    "Tiền điện|Số dư tài khoản|Mức phí|Lệ phí|Ngày tháng năm kết nạp|Ngày hết hạn BHYT|Thời hạn thẻ|"
    "Ngày cấp CC|Ngày tiêm mũi 1|Số thẻ căn cước|Mã số công dân|Số giấy khai sinh|Số quyết định hưu|"
    "Số thẻ CCB|Số huy hiệu Đảng|Mã số đảng viên|ID khách hàng|Customer ID|Bank account|"
    "Số hộ chiếu/CCCD|Số định danh (CCCD)|Mã số HSSV",
    "": "Chi nhánh|Trang phục|Màu sắc|Món ăn|Bàn số mấy|Tên chó|Số biên nhận|Số GCNQSDĐ|"
    "Số đồng hồ nước|Biển kiểm soát|BKS|Số đăng kiểm|Tổng cộng|Insurance number|Card number|"
    "Hình thức tham gia|Đội bóng|Màu áo|Món đăng ký|Size áo|Loại xe|Thời tiết",
    "old_phone": "Số điện thoại đã đổi|SĐT trước|Số ĐT cũ|Điện thoại cũ|Số cũ 11 số|old_phone|"
    "SĐT năm 2023 (cũ)|SĐT ban đầu|SĐT cũ (trước 2018)|Số điện thoại cũ 11 số|Điện thoại trước đây|"
    "SĐT đã thay|Số cũ trước khi đổi|Previous number (phone)",
    "spare_phone": "Máy bàn|Điện thoại bàn (nếu có)|ĐT bàn|SĐT cố định",
    "relative_phone": "Số của con|SĐT con/cháu|Điện thoại con gái|ĐT vợ|Số ĐT người nhà (bắt buộc)|"
    "SĐT thân nhân liên hệ|SĐT người ở cùng|Số điện thoại bà con|SĐT em|SĐT chị gái|"
    "Số điện thoại cháu|SĐT hàng xóm gần nhất|phone of relative|wife phone|Emergency tel|"
    "Số điện thoại của người nhà|SĐT con đẻ|Điện thoại của chồng|SĐT của vợ|"
    "Điện thoại con (để liên lạc)|SĐT người nhà (con, cháu)|SĐT người thân gần nhất|"
    "Số ĐT liên hệ khẩn|SĐT anh/em|Liên hệ người nhà|SĐT liên hệ qua người thân|SĐT chị dâu|"
    "SĐT con rể|Điện thoại người chăm sóc|sdt con trai|so dien thoai nguoi than|Relative phone number",
    "other_phone": "Số điện thoại người bảo lãnh|SĐT trưởng ban|SĐT người mời|"
    "SĐT người phụ trách thôn|SĐT ban quản lý|Điện thoại bí thư chi bộ|SĐT Trưởng khu|ĐT CA xã|"
    "SĐT cán bộ tư pháp|SĐT người thu|Số ĐT người lập danh sách|SĐT trực ban|"
    "Số điện thoại nơi làm việc|ĐT phòng|SĐT tổ phó|SĐT tổ trưởng tổ vay vốn|SĐT hỗ trợ|"
    "Điện thoại hỗ trợ kỹ thuật|SĐT chủ doanh nghiệp|SĐT cán bộ chính sách|SĐT doanh nghiệp|"
    "office_phone|supervisor phone|SĐT trưởng thôn/tổ trưởng|Số ĐT bí thư|SĐT cán bộ tiếp nhận|"
    "SĐT cán bộ xã|SĐT cán bộ thuế|Điện thoại cán bộ thụ lý|SĐT người tiếp nhận|SĐT người giao|"
    "SĐT shipper|SĐT đại lý thu|SĐT nhân viên đại lý|Số máy lẻ|SĐT lãnh đạo|SĐT trưởng đoàn|"
    "SĐT chi hội trưởng phụ nữ|ĐT trưởng KDC|SĐT bí thư chi đoàn|SĐT hiệu trưởng|SĐT Ban CHQS|"
    "SĐT trạm|SĐT phòng khám|SĐT bệnh viện|Điện thoại đơn vị công tác|Office tel|SĐT của trưởng thôn|"
    "SĐT người ghi|SĐT cán bộ điều tra|SĐT giao dịch viên|SĐT chủ thầu",
    "officer": "Bí thư kiêm trưởng thôn|Tên tổ trưởng|Trưởng ban quản lý thôn|Chi hội trưởng|"
    "Trưởng làng|Già làng|Họ tên bí thư|Họ tên trưởng xóm|Trưởng thôn (họ tên)|"
    "Bí thư chi bộ, trưởng thôn|Trưởng KDC|Tổ trưởng TDP|Phó trưởng khu phố|Tên bí thư chi bộ",
    "dead": "Ngày mất (ÂL)|Ngày chết/chuyển đi|Mất/chết|Đã từ trần năm|Chết năm|Tử (x)|"
    "Năm hy sinh|Date of passing|Đã qua đời (x)|Mất (ngày)|x nếu đã mất|Đánh dấu nếu đã chết|"
    "Đã mất (tích x)|Mất năm nào|Ngày từ trần (DL)|Chết (ngày, tháng, năm)|Ngày tháng mất|Đã chết (x)|"
    "Qua đời năm|Đã hi sinh|Ngày hi sinh|Death|Năm qua đời|Có giấy chứng tử|ngay_mat|Tử vong (x)|"
    "Người đã chết",
    "moved": "Chuyển đi (ngày)|Đã rời đi|Không còn ở xã|Đi vắng lâu ngày|Ở nơi khác|"
    "Đang đi làm xa|Tạm vắng (x)|Đã đi khỏi địa bàn|Đang lao động nước ngoài|Đi du học|"
    "Chuyển ra ngoài xã|x nếu chuyển đi|Chuyển đi nơi khác (x)|Ngày chuyển|Đã chuyển đến nơi khác|"
    "Đã chuyển khẩu đi|Không còn cư trú tại thôn|Đi làm xa|Vắng mặt dài hạn|Đi lao động XK|"
    "Ngày đi nước ngoài|Tạm vắng từ ngày|Không sinh sống tại địa phương|Đã ra khỏi địa bàn|"
    "Chuyển ra khỏi xã|Cắt hộ khẩu",
    "refuses": "Không đồng ý nhận tin nhắn|Không đăng ký nhận tin|Từ chối (x)|Không nhắn tin|"
    "Không cho nhắn|Không nhận cuộc gọi|Từ chối cung cấp thông tin|x nếu không nhận tin|Huỷ đăng ký|"
    "Không muốn bị gọi|Rút tên|do not text|no-sms|Từ chối tham gia|Đã yêu cầu không nhắn|"
    "Không nhận tin (x)|Không đồng ý (x)|Từ chối nhận tin nhắn|Không muốn liên lạc|"
    "Đề nghị không nhắn tin|Yêu cầu không gọi|Không nhắn tin/gọi|Ko nhận SMS|Không cho gọi|"
    "Hủy nhận SMS|Đã hủy nhận tin|DO NOT SMS|do not disturb|Xin không nhận tin|Không nhận (x)",
    "wrong_number": "SĐT sai|Số không đúng|Số không liên lạc được|Sai số (x)|Số hỏng|Bị khoá|"
    "Số không tồn tại|Số không dùng|SĐT không liên lạc được|Số bị khoá|Sai số/không liên lạc được|"
    "Thuê bao không liên lạc được|Bad number",
    "retired": "Đã thôi việc",
    "alive": "Hiện còn sống|Sống (x)|Còn (x)|Còn sống (x)|Hiện đang sống",
    "present": "Hiện ở địa phương|Đang sống tại địa phương|Đang cư trú tại thôn|"
    "Còn cư trú tại địa phương|Hiện cư trú tại địa phương|Đang sinh sống tại thôn",
    "number_in_use": "Số đang dùng|Số hoạt động|Còn dùng không|SĐT còn dùng?|Số còn liên lạc được|"
    "Còn dùng số này|Số đang hoạt động",
    "consent": "Đăng ký nhận tin (x)|Có đồng ý không|Cho phép nhắn tin|Đã đồng ý|"
    "Nhận tin nhắn (Có/Không)|Xác nhận đồng ý|Đồng ý cho UBND xã gửi tin|Đồng ý nhận tin nhắn SMS|"
    "Có nhận tin không?|Đồng ý nhận tin từ UBND xã|Đăng ký nhận tin nhắn|Đồng ý (có/không)|"
    "Có đồng ý nhận tin nhắn của xã không?|Tôi đồng ý nhận tin nhắn",
    "sex": "Giới|Giới tính (nam/nữ)|Giới tính (Nam, Nữ)|Nam / Nữ|Giới tính khai sinh",
    "pupil": "Tên con|Họ và tên con em|Học sinh|Họ tên trẻ em|Cháu|"
    "Họ và tên học sinh (in hoa)|Tên HS|Họ tên cháu|Con (họ tên)",
    "father": "Họ và tên cha/bố|Tên bố|Họ tên ba|Họ và tên bố đẻ|Tên cha",
    "mother": "Họ tên má|Họ và tên mẹ (nếu có)|Họ và tên mẹ đẻ|Tên mẹ học sinh",
    "father_phone": "SĐT của cha|Số ĐT ba|ĐT của bố|SĐT bố (cha)|Điện thoại bố đẻ|Số máy bố",
    "mother_phone": "SĐT của mẹ|Số điện thoại mẹ|ĐT má|SĐT mẹ đẻ|Điện thoại của mẹ",
    "parent_phone": "SĐT PH|Số điện thoại PHHS|SĐT phụ huynh học sinh|SĐT cha/mẹ|"
    "SĐT phụ huynh (bố/mẹ)|SĐT bố mẹ HS|Số điện thoại liên lạc phụ huynh|ĐT PHHS",
    "class": "Lớp (năm học 2025-2026)|Khối lớp|Học lớp|Lớp của con|Tên lớp học|Lớp/nhóm",
    "parent": "Họ tên bố (mẹ)|Phụ huynh (họ tên)|Họ tên người giám hộ",
}
TABLES = (HEADINGS, MORE_HEADINGS, NEWER_HEADINGS)
HEADINGS = {
    kind: "|".join(filter(None, (table.get(kind) for table in TABLES)))
    for kind in {kind: None for table in TABLES for kind in table}
}
