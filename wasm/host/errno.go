package host

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"syscall"

	"kubergarten/engine/network"
)

// errno is WASI's number of an error.
type errno uint16

// The errors of WASI preview 1 that occur here.
const (
	ok             errno = 0
	e2BIG          errno = 1
	eACCES         errno = 2
	eADDRINUSE     errno = 3
	eADDRNOTAVAIL  errno = 4
	eAFNOSUPPORT   errno = 5
	eAGAIN         errno = 6
	eALREADY       errno = 7
	eBADF          errno = 8
	eBUSY          errno = 10
	eCHILD         errno = 12
	eCONNABORTED   errno = 13
	eCONNREFUSED   errno = 14
	eCONNRESET     errno = 15
	eDESTADDRREQ   errno = 17
	eDQUOT         errno = 19
	eEXIST         errno = 20
	eFAULT         errno = 21
	eFBIG          errno = 22
	eHOSTUNREACH   errno = 23
	eINPROGRESS    errno = 26
	eINTR          errno = 27
	eINVAL         errno = 28
	eIO            errno = 29
	eISCONN        errno = 30
	eISDIR         errno = 31
	eLOOP          errno = 32
	eMFILE         errno = 33
	eMLINK         errno = 34
	eMSGSIZE       errno = 35
	eNAMETOOLONG   errno = 37
	eNETDOWN       errno = 38
	eNETUNREACH    errno = 40
	eNOENT         errno = 44
	eNOEXEC        errno = 45
	eNOMEM         errno = 48
	eNOPROTOOPT    errno = 50
	eNOSPC         errno = 51
	eNOSYS         errno = 52
	eNOTCONN       errno = 53
	eNOTDIR        errno = 54
	eNOTEMPTY      errno = 55
	eNOTSOCK       errno = 57
	eNOTSUP        errno = 58
	eNOTTY         errno = 59
	eNXIO          errno = 60
	ePERM          errno = 63
	ePIPE          errno = 64
	ePROTONOSUPPOR errno = 66
	eROFS          errno = 69
	eSPIPE         errno = 70
	eSRCH          errno = 71
	eSTALE         errno = 72
	eTIMEDOUT      errno = 73
	eXDEV          errno = 75
)

// fromSyscall gives the system's errors WASI's numbers.
func fromSyscall(e syscall.Errno) errno {
	switch e {
	case 0:
		return ok
	case syscall.EACCES:
		return eACCES
	case syscall.EADDRINUSE:
		return eADDRINUSE
	case syscall.EADDRNOTAVAIL:
		return eADDRNOTAVAIL
	case syscall.EAFNOSUPPORT:
		return eAFNOSUPPORT
	case syscall.EAGAIN:
		return eAGAIN
	case syscall.EBADF:
		return eBADF
	case syscall.EBUSY:
		return eBUSY
	case syscall.ECONNABORTED:
		return eCONNABORTED
	case syscall.ECONNREFUSED:
		return eCONNREFUSED
	case syscall.ECONNRESET:
		return eCONNRESET
	case syscall.EDESTADDRREQ:
		return eDESTADDRREQ
	case syscall.EDQUOT:
		return eDQUOT
	case syscall.EEXIST:
		return eEXIST
	case syscall.EFBIG:
		return eFBIG
	case syscall.EHOSTUNREACH:
		return eHOSTUNREACH
	case syscall.EINVAL:
		return eINVAL
	case syscall.EISDIR:
		return eISDIR
	case syscall.ELOOP:
		return eLOOP
	case syscall.EMFILE, syscall.ENFILE:
		return eMFILE
	case syscall.EMLINK:
		return eMLINK
	case syscall.EMSGSIZE:
		return eMSGSIZE
	case syscall.ENAMETOOLONG:
		return eNAMETOOLONG
	case syscall.ENETDOWN:
		return eNETDOWN
	case syscall.ENETUNREACH:
		return eNETUNREACH
	case syscall.ENOENT:
		return eNOENT
	case syscall.ENOEXEC:
		return eNOEXEC
	case syscall.ENOMEM:
		return eNOMEM
	case syscall.ENOSPC:
		return eNOSPC
	case syscall.ENOSYS:
		return eNOSYS
	case syscall.ENOTCONN:
		return eNOTCONN
	case syscall.ENOTDIR:
		return eNOTDIR
	case syscall.ENOTEMPTY:
		return eNOTEMPTY
	case syscall.ENOTSUP:
		return eNOTSUP
	case syscall.ENOTTY:
		return eNOTTY
	case syscall.ENXIO:
		return eNXIO
	case syscall.EPERM:
		return ePERM
	case syscall.EPIPE:
		return ePIPE
	case syscall.EROFS:
		return eROFS
	case syscall.ESPIPE:
		return eSPIPE
	case syscall.ESTALE:
		return eSTALE
	case syscall.ETIMEDOUT:
		return eTIMEDOUT
	case syscall.EXDEV:
		return eXDEV
	}
	return eIO
}

// toErrno finds WASI's number of an error of package vfs or network.
func toErrno(err error) errno {
	if err == nil {
		return ok
	}
	if e, isErrno := err.(syscall.Errno); isErrno { // the usual case, without allocating
		return fromSyscall(e)
	}
	var e syscall.Errno
	switch {
	case err == io.EOF:
		return ok
	case errors.Is(err, network.ErrWouldBlock):
		return eAGAIN
	case errors.Is(err, net.ErrClosed):
		return eNOTCONN
	case errors.Is(err, ErrNoExec):
		return eNOEXEC
	case errors.As(err, &e):
		return fromSyscall(e)
	case errors.Is(err, fs.ErrNotExist):
		return eNOENT
	case errors.Is(err, fs.ErrPermission):
		return eACCES
	}
	return eIO
}
